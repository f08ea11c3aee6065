#include "config_world.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/file.h"

void world_init(struct world *w)
{
    *w = (struct world){.directory = "/tmp/haul-test-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(w->directory));
    snprintf(w->file, sizeof w->file, "%s/f", w->directory);
    haul_buf_init(&w->message, 0);
    haul_config_init(&w->config);
}

void world_done(struct world *w)
{
    haul_config_done(&w->config);
    haul_buf_done(&w->message);
    unlink(w->file);
    ck_assert_int_eq(rmdir(w->directory), 0);
}

void write_file(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(fchmod(fd, mode), 0);
    ck_assert_int_eq((int)write(fd, text, strlen(text)), (int)strlen(text));
    close(fd);
}

void parse(struct world *w, const char *file, const char *const *environment,
           const char *const *args)
{
    char *argv[ARGS_MAX + 4];
    int argc = 0;

    argv[argc++] = strdup("haul");
    if (file) {
        write_file(w->file, file, 0600);
        argv[argc++] = strdup("--config");
        argv[argc++] = strdup(w->file);
    }
    for (; *args && argc < ARGS_MAX; args++)
        argv[argc++] = strdup(*args);
    argv[argc] = NULL;
    haul_config_done(&w->config);
    haul_buf_clear(&w->message);
    w->err = haul_options_parse(argc, argv, environment, &w->config, &w->result, &w->message);
    while (argc)
        free(argv[--argc]);
}

void read_text(struct world *w, const char *text, size_t len)
{
    const struct haul_config_text content = {.name = "f", .bytes = text, .len = len};

    haul_config_done(&w->config);
    w->result = (struct haul_options_result){.help = false};
    haul_buf_clear(&w->message);
    w->err = haul_config_text_read(&content, &w->config, &w->result, &w->message);
}

void check_contains(const struct haul_buf *text, const char *part)
{
    ck_assert_msg(strstr(text->data, part) != NULL, "%s is not in:\n%s", part, text->data);
}
