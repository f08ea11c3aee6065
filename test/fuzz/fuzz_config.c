#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/file.h"
#include "cli/print.h"

/*
 * Whatever a configuration file holds: it is taken, or refused with one line of plain text that
 * names a line of it; and what is taken is printed as a file that is taken, too, and printed as the
 * same.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* The values that name files are not for fuzzing: whatever they name would be opened. */
static bool names_files(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"user-file", "pass-file", "cacert", "sitemap",
                                        "cert",      "key",       "cookie", "netrc"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t at = 0; at + strlen(names[i]) <= size; at++)
            if (!memcmp(data + at, names[i], strlen(names[i])))
                return true;
    return false;
}

static enum haul_err take(const char *bytes, size_t len, struct haul_buf *printed)
{
    const struct haul_config_text text = {.name = "f", .bytes = bytes, .len = len};
    struct haul_options_result result = {.help = false};
    struct haul_config config;
    struct haul_buf message;
    enum haul_err err;

    haul_buf_init(&message, 0);
    haul_config_init(&config);
    err = haul_config_text_read(&text, &config, &result, &message);
    require(!err || err == HAUL_ERR_USAGE);
    if (err) {
        require(!strncmp(haul_buf_str(&message), "haul: f:", 8));
        for (size_t i = 0; i < message.len; i++)
            require(message.data[i] >= 0x20 && message.data[i] < 0x7f);
    } else {
        require(config.jobs >= 1 && config.jobs <= 1024);
        require(config.host_rule_count <= HAUL_HOST_RULES_MAX);
        haul_print_config_add(printed, &result);
    }
    haul_config_done(&config);
    haul_buf_done(&message);
    return err;
}

/*
 * Comments name the lines of the file before, and a section in which all is secret is printed once
 * and not twice: only the other lines are the same.
 */
static void keep_values(struct haul_buf *text)
{
    size_t to = 0;

    for (size_t at = 0; at < text->len;) {
        size_t len = strcspn(text->data + at, "\n") + 1;

        if (!strchr("#[\n", text->data[at])) {
            memmove(text->data + to, text->data + at, len);
            to += len;
        }
        at += len;
    }
    text->len = to;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct haul_buf one, other;

    if (names_files(data, size))
        return 0;
    haul_buf_init(&one, 0);
    haul_buf_init(&other, 0);
    if (!take((const char *)data, size, &one)) {
        require(!take(one.data, one.len, &other));
        keep_values(&one);
        keep_values(&other);
        require(one.len == other.len && !memcmp(one.data, other.data, one.len));
    }
    haul_buf_done(&one);
    haul_buf_done(&other);
    return 0;
}
