#include "cli/set.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cidr.h"
#include "base/io.h"
#include "base/owned.h"
#include "cli/check.h"
#include "cli/secret.h"
#include "model/budget.h"

static_assert(sizeof(enum haul_format) == sizeof(unsigned) &&
                  sizeof(enum haul_order) == sizeof(unsigned) &&
                  sizeof(enum haul_method) == sizeof(unsigned) &&
                  sizeof(enum haul_table_head) == sizeof(unsigned) &&
                  sizeof(enum haul_list_keys) == sizeof(unsigned) &&
                  sizeof(enum haul_if_empty) == sizeof(unsigned) &&
                  sizeof(enum haul_progress) == sizeof(unsigned) &&
                  sizeof(enum haul_http_version) == sizeof(unsigned) &&
                  sizeof(enum haul_tls_min) == sizeof(unsigned) &&
                  sizeof(enum haul_ip_version) == sizeof(unsigned),
              "set_enum writes any of them as an unsigned int");

void *haul_option_field(const struct haul_option_call *call)
{
    void *owner = call->option->only_typed ? (void *)call->result : (void *)call->config;

    return (char *)owner + call->option->offset;
}

enum haul_err haul_option_set_bool(struct haul_option_call *call)
{
    *(bool *)haul_option_field(call) = call->on;
    return HAUL_OK;
}

enum haul_err haul_option_set_head(struct haul_option_call *call)
{
    call->config->method = call->on ? HAUL_METHOD_HEAD : HAUL_METHOD_GET;
    return HAUL_OK;
}

enum haul_err haul_option_set_delimiter(struct haul_option_call *call)
{
    const char *value = call->value;

    if (strcmp(value, "tab") == 0 || strcmp(value, "\\t") == 0)
        value = "\t";
    if (!*value || value[1] || *value == '"' || *value == '\n' || *value == '\r' ||
        (unsigned char)*value >= 0x80)
        return haul_option_fail(call, "one ASCII character is needed, or tab, and no quotation "
                                      "mark or line end");
    call->config->delimiter = *value;
    return HAUL_OK;
}

static void set_enum(struct haul_option_call *call, unsigned choice)
{
    memcpy(haul_option_field(call), &choice, sizeof choice);
}

enum haul_err haul_option_set_choice(struct haul_option_call *call)
{
    unsigned choice = (unsigned)call->option->min, now;

    memcpy(&now, haul_option_field(call), sizeof now);
    if (call->on)
        set_enum(call, choice);
    else if (now == choice)
        set_enum(call, 0);
    return HAUL_OK;
}

static enum haul_err fail_word(struct haul_option_call *call)
{
    const char *const *words = call->option->words;
    enum haul_err err = haul_option_fail(call, "must be ");
    size_t i;

    for (i = 0; words[i]; i++)
        haul_buf_addf(call->message, "%s%s", !i ? "" : words[i + 1] ? ", " : " or ", words[i]);
    return err;
}

enum haul_err haul_option_set_word(struct haul_option_call *call)
{
    const char *const *words = call->option->words;

    if (!call->value && call->option->arg == HAUL_OPTION_ARG_SWITCH) {
        set_enum(call, call->on ? (unsigned)call->option->min : 0);
        return HAUL_OK;
    }
    if (!call->value)
        return haul_option_set_choice(call);
    if (!call->on)
        return haul_option_fail(call, "takes no value");
    for (unsigned i = 0; words[i]; i++)
        if (!strcmp(call->value, words[i])) {
            set_enum(call, i);
            return HAUL_OK;
        }
    return fail_word(call);
}

static enum haul_err keep_text(struct haul_option_call *call, const char *text)
{
    const char *copy = haul_config_keep(call->config, text);

    if (!copy)
        return HAUL_ERR_NOMEM;
    *(const char **)haul_option_field(call) = copy;
    return HAUL_OK;
}

/* Whether the value is the text that means NULL, and NULL is written. */
static bool takes_none(struct haul_option_call *call)
{
    const char *none = call->option->none;

    if (!none || strcmp(none, call->value) != 0)
        return false;
    *(const char **)haul_option_field(call) = NULL;
    return true;
}

enum haul_err haul_option_set_text(struct haul_option_call *call)
{
    return takes_none(call) ? HAUL_OK : keep_text(call, call->value);
}

enum haul_err haul_option_set_readable(struct haul_option_call *call)
{
    char text[HAUL_IO_ERROR_MAX];
    struct stat info;

    if (takes_none(call))
        return HAUL_OK;
    if (stat(call->value, &info) || access(call->value, R_OK))
        return haul_option_fail(call, haul_io_error_text(errno, text));
    if (S_ISDIR(info.st_mode))
        return haul_option_fail(call, "that is a directory");
    if (!haul_owned_is_input(call->value, &info))
        return haul_option_fail(call, "that is not a regular file");
    return keep_text(call, call->value);
}

/* curl's FILE:PASSPHRASE is not taken, and must not be shown. */
enum haul_err haul_option_set_cert(struct haul_option_call *call)
{
    struct haul_option_call hidden = *call;
    struct stat ignored;

    hidden.value = NULL;
    if (strchr(call->value, ':') && stat(call->value, &ignored))
        return haul_option_fail(&hidden, "there is no such file; a passphrase does not stand "
                                         "behind its name, but in --pass-file FILE");
    return haul_option_set_readable(call);
}

enum haul_err haul_option_add_text(struct haul_option_call *call)
{
    return haul_config_add_string(call->config, haul_option_field(call), call->value);
}

enum haul_err haul_option_add_source(struct haul_option_call *call)
{
    return haul_config_add_source(call->config, (enum haul_source_kind)call->option->min,
                                  call->value);
}

static enum haul_err set_from_file(struct haul_option_call *call, haul_secret_check *check)
{
    char text[HAUL_IO_ERROR_MAX];
    struct haul_buf secret;
    const char *cause;
    enum haul_err err;

    haul_buf_init(&secret, 0);
    err = haul_secret_read_line(call->value, check, &secret, text, &cause);
    if (err == HAUL_ERR_USAGE)
        err = haul_option_fail(call, cause);
    else if (!err)
        err = keep_text(call, haul_buf_str(&secret));
    if (!err)
        err = haul_config_add_string(call->config, &call->config->read_files, call->value);
    if (secret.data)
        memset(secret.data, 0, secret.len);
    haul_buf_done(&secret);
    return err;
}

enum haul_err haul_option_set_user_file(struct haul_option_call *call)
{
    return set_from_file(call, haul_check_user);
}

enum haul_err haul_option_set_pass_file(struct haul_option_call *call)
{
    return set_from_file(call, haul_check_pass);
}

enum haul_err haul_option_set_no_config(struct haul_option_call *call)
{
    call->result->no_config = true;
    call->result->files.count = 0;
    return HAUL_OK;
}

/* Checked here already: a block with a slip in it must not wait for the first connection. */
static enum haul_err add_net(struct haul_option_call *call, const char *text, size_t len)
{
    enum { NET_MAX = 63 }; /* longer than any block can be written */
    char net[NET_MAX + 1] = "";
    const char *cause;
    struct haul_cidr ignored;

    if (len <= NET_MAX)
        memcpy(net, text, len);
    if (haul_cidr_parse(net, &ignored, &cause))
        return haul_option_fail(call, cause);
    return haul_config_add_string(call->config, haul_option_field(call), net);
}

enum haul_err haul_option_add_nets(struct haul_option_call *call)
{
    enum haul_err err;
    size_t len;

    for (const char *at = call->value;; at += len + 1) {
        len = strcspn(at, ",");
        err = add_net(call, at, len);
        if (err || !at[len])
            return err;
    }
}

enum haul_err haul_option_add_budget(struct haul_option_call *call)
{
    struct haul_budget ignored;
    struct haul_budget_error error;
    enum haul_err err = haul_budget_parse(call->value, &ignored, &error);

    if (!err)
        return haul_config_add_string(call->config, haul_option_field(call), call->value);
    err = haul_option_fail(call, "");
    haul_buf_addf(call->message, "at character %zu: %s", error.at + 1, error.cause);
    return err;
}

/* The bit of a word, or 0. */
static unsigned tell_of(struct haul_span word)
{
    static const struct {
        const char *word;
        unsigned bit;
    } words[] = {{"change", HAUL_TELL_CHANGE},
                 {"fail", HAUL_TELL_FAIL},
                 {"failing", HAUL_TELL_FAILING},
                 {"budget", HAUL_TELL_BUDGET},
                 {"always", HAUL_TELL_ALWAYS}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (haul_span_is(word, words[i].word))
            return words[i].bit;
    return 0;
}

enum haul_err haul_option_set_quiet_unless(struct haul_option_call *call)
{
    const char *at = call->value;
    unsigned tells = 0, bit;
    size_t len;

    for (;; at += len + 1) {
        len = strcspn(at, ",");
        bit = tell_of((struct haul_span){at, len});
        if (!bit)
            return haul_option_fail(call, "must be change, fail, failing, budget or always, "
                                          "with commas between");
        tells |= bit;
        if (!at[len])
            break;
    }
    call->config->quiet_unless = tells;
    return HAUL_OK;
}
