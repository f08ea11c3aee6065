/*
 * Whatever a text is, the values of a named parameter are gone from it, nothing else is, and what
 * is left is not changed by doing it again; and an expression leaves what it does not match.
 *
 * The input: a name up to the first newline, then the text.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/redactor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

/* Whether `out` is `text`, which has no '*', with some parts, none empty, replaced by "***". */
static bool is_text_with_gaps(const char *text, size_t len, const struct haul_buf *out)
{
    const char *bytes = haul_buf_str(out);
    bool *row = calloc(len + 1, sizeof *row), reached, before, ok;
    size_t i, j;

    if (!row)
        return true;
    /* row[j]: the first i bytes of `out` may stand for the first j of the text. */
    row[0] = true;
    for (i = 0; i < out->len;) {
        if (out->len - i >= 3 && !memcmp(bytes + i, "***", 3)) {
            for (reached = false, j = 0; j <= len; j++) {
                before = reached;
                reached = reached || row[j];
                row[j] = before;
            }
            i += 3;
        } else {
            for (j = len; j > 0; j--)
                row[j] = row[j - 1] && text[j - 1] == bytes[i];
            row[0] = false;
            i++;
        }
    }
    ok = row[len];
    free(row);
    return ok;
}

static void check_name(const struct haul_redactor *redactor, const char *text, size_t len)
{
    struct haul_buf once, twice;

    haul_buf_init(&once, 0);
    haul_buf_init(&twice, 0);
    haul_redactor_apply(redactor, text, len, &once);
    haul_redactor_apply(redactor, haul_buf_str(&once), once.len, &twice);
    require(once.len == twice.len && !memcmp(haul_buf_str(&once), haul_buf_str(&twice), once.len));
    if (len <= 512 && !memchr(text, '*', len))
        require(is_text_with_gaps(text, len, &once));
    haul_buf_done(&once);
    haul_buf_done(&twice);
}

/* A parameter that no other text can make part of something else. */
static void check_planted(const struct haul_redactor *redactor, const char *name, const char *text,
                          size_t len)
{
    static const char secret[] = "S/3=C:R@+ %2%26ET";
    struct haul_buf all, out;

    haul_buf_init(&all, 0);
    haul_buf_init(&out, 0);
    haul_buf_add(&all, text, len);
    haul_buf_addf(&all, "&%s=%s", name, secret);
    haul_redactor_apply(redactor, haul_buf_str(&all), all.len, &out);
    require(out.len >= 3 && !memcmp(out.data + out.len - 3, "***", 3));
    haul_buf_done(&all);
    haul_buf_done(&out);
}

static struct haul_redactor *make(const char *rule)
{
    struct haul_strings rules = {.item = &rule, .count = 1};
    const char *cause = NULL;
    struct haul_redactor *redactor;
    enum haul_err err = haul_redactor_create(&redactor, &rules, &cause);

    require((redactor != NULL) == (err == HAUL_OK));
    require(!err || err == HAUL_ERR_NOMEM || cause);
    return redactor;
}

/* One whose matches a loop can find: runs of digits. */
static void check_regex(const char *text, size_t len)
{
    struct haul_redactor *redactor = make("/[0-9]+/");
    struct haul_buf out, wanted;
    size_t i;

    haul_buf_init(&out, 0);
    haul_buf_init(&wanted, 0);
    if (len > HAUL_REDACTOR_TEXT_MAX)
        haul_buf_add_str(&wanted, "***");
    for (i = 0; i < len && len <= HAUL_REDACTOR_TEXT_MAX; i++)
        if (text[i] < '0' || text[i] > '9')
            haul_buf_add_char(&wanted, text[i]);
        else if (!i || text[i - 1] < '0' || text[i - 1] > '9')
            haul_buf_add_str(&wanted, "***");
    if (redactor) {
        haul_redactor_apply(redactor, text, len, &out);
        require(out.len == wanted.len &&
                !memcmp(haul_buf_str(&out), haul_buf_str(&wanted), out.len));
    }
    haul_buf_done(&out);
    haul_buf_done(&wanted);
    haul_redactor_free(redactor);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    struct haul_redactor *redactor;
    size_t name_len, len;
    const char *text;
    char *name;

    if (!end)
        return 0;
    name_len = (size_t)(end - data);
    text = (const char *)end + 1;
    len = size - name_len - 1;
    name = malloc(name_len + 1);
    if (!name)
        return 0;
    memcpy(name, data, name_len);
    name[name_len] = '\0';
    /* Expressions of anybody's are the C library's to survive, not haul's. */
    redactor = *name == '/' ? NULL : make(name);
    if (redactor) {
        check_name(redactor, text, len);
        if (!strchr(name, '%') && !strchr(name, '+'))
            check_planted(redactor, name, text, len);
    }
    check_regex(text, len);
    haul_redactor_free(redactor);
    free(name);
    return 0;
}
