#include "input/input.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

/*
 * Where --dir is, as aria2 writes it into a session: it need not exist yet, so nothing is resolved
 * but the directory in which haul runs. Empty: not known.
 */
static void find_root(const char *dir, struct haul_buf *root)
{
    char here[PATH_MAX];

    haul_buf_init(root, 0);
    if (!dir)
        return;
    while (strncmp(dir, "./", 2) == 0)
        dir += 2 + strspn(dir + 2, "/");
    if (*dir != '/') {
        if (!getcwd(here, sizeof here))
            return;
        haul_buf_add_str(root, here);
        haul_buf_add_char(root, '/');
    }
    haul_buf_add_str(root, strcmp(dir, ".") == 0 ? "" : dir);
    while (root->len && root->data[root->len - 1] == '/')
        root->data[--root->len] = '\0';
}

enum haul_err haul_input_open(struct haul_input *input, const struct haul_config *config,
                              struct haul_buf *message)
{
    const struct haul_table_form form = {
        .column = config->url_column, .head = config->table_head, .delimiter = config->delimiter};
    struct haul_setting_rules rules = {.keys = config->list_keys};
    enum haul_err err;

    *input = (struct haul_input){0};
    find_root(config->dir, &input->root);
    if (config->dir)
        rules.root = haul_buf_str(&input->root);
    err = haul_list_create(config->source, config->source_count, &form, &rules, &input->list,
                           message);
    return err ? err : haul_redactor_make(&input->redactor, &config->redact, message);
}

bool haul_input_has_sitemaps(const struct haul_config *config)
{
    for (size_t i = 0; i < config->source_count; i++)
        if (config->source[i].kind == HAUL_SOURCE_SITEMAP ||
            config->source[i].kind == HAUL_SOURCE_ROBOTS)
            return true;
    return false;
}

struct haul_nothing haul_input_nothing(const struct haul_config *config)
{
    return (struct haul_nothing){.if_empty = config->if_empty,
                                 .has_sitemaps = haul_input_has_sitemaps(config)};
}

enum haul_err haul_input_begin(struct haul_input *input, const struct haul_config *config,
                               haul_walk_fetch_fn *fetch, void *arg)
{
    const struct haul_walk_env env = {
        .config = config, .redactor = input->redactor, .fetch = fetch, .arg = arg};
    enum haul_err err = haul_url_parser_create(&input->urls);

    if (err || !haul_input_has_sitemaps(config))
        return err;
    err = haul_walk_create(&env, &input->walk);
    if (!err)
        haul_list_use_walk(input->list, input->walk);
    return err;
}

void haul_input_use_opener(struct haul_input *input, const struct haul_opener *opener)
{
    haul_list_use_opener(input->list, opener);
    if (input->walk)
        haul_walk_use_opener(input->walk, opener);
}

void haul_input_close(struct haul_input *input)
{
    haul_list_free(input->list);
    haul_walk_free(input->walk);
    haul_url_parser_free(input->urls);
    haul_redactor_free(input->redactor);
    haul_buf_done(&input->root);
    *input = (struct haul_input){0};
}
