/*
 * Whatever a text is, the values of a named parameter are gone from it, nothing else is, and what
 * is left is not changed by doing it again; and an expression leaves what it does not match.
 * However often the parameter is percent-encoded, up to the depth that is promised, its value is in
 * no form of the text that is left. And what was hidden in one text is not in another one, either.
 *
 * The input: a name up to the first newline, then the text.
 */
#define _GNU_SOURCE /* memmem */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
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

/* Encoded once more: what is no letter or digit; or, for each second level, everything. */
static void encode(struct haul_buf *to, const struct haul_buf *from, bool all)
{
    const char *text = haul_buf_str(from);

    for (size_t i = 0; i < from->len; i++)
        if (!all &&
            strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", text[i]) &&
            text[i])
            haul_buf_add_char(to, text[i]);
        else
            haul_buf_addf(to, i % 2 ? "%%%02x" : "%%%02X", (unsigned)(unsigned char)text[i]);
}

/* Undoes one level, in place. */
static void decode(struct haul_buf *buf)
{
    size_t to = 0;

    for (size_t at = 0; at < buf->len; to++) {
        unsigned byte = 0;
        bool is_escape = buf->len - at > 2 && buf->data[at] == '%' &&
                         strspn(buf->data + at + 1, "0123456789abcdefABCDEF") >= 2 &&
                         sscanf(buf->data + at + 1, "%2x", &byte) == 1;

        buf->data[to] = is_escape ? (char)byte : buf->data[at];
        at += is_escape ? 3 : 1;
    }
    buf->len = to;
    (void)haul_buf_str(buf);
}

static const char planted[] = "TheOneAndOnlySecret";

/* Whether that is in the text as it is, or in what it becomes. Decodes it. */
static bool has_planted(struct haul_buf *text)
{
    for (int depth = 0; depth <= HAUL_REDACTOR_DEPTH; depth++) {
        if (text->len && memmem(text->data, text->len, planted, strlen(planted)))
            return true;
        decode(text);
    }
    return false;
}

/* The fuzzer sees what it is compared with, and has it in its own texts before long. */
static bool is_planted_already(const char *text, size_t len)
{
    struct haul_buf copy;
    bool is_there;

    haul_buf_init(&copy, 0);
    haul_buf_add(&copy, text, len);
    is_there = has_planted(&copy);
    haul_buf_done(&copy);
    return is_there;
}

/* The same inside a URL inside a URL. */
static void check_planted_deep(const struct haul_redactor *redactor, const char *name,
                               const char *text, size_t len)
{
    struct haul_buf inner, outer, all, out;

    haul_buf_init(&inner, 0);
    haul_buf_init(&outer, 0);
    haul_buf_init(&all, 0);
    haul_buf_init(&out, 0);
    haul_buf_addf(&inner, "&%s=%s", name, planted);
    for (int depth = 0; depth <= HAUL_REDACTOR_DEPTH; depth++) {
        haul_buf_clear(&all);
        haul_buf_clear(&out);
        haul_buf_clear(&outer);
        haul_buf_add(&all, text, len);
        haul_buf_add(&all, haul_buf_str(&inner), inner.len);
        haul_redactor_apply(redactor, haul_buf_str(&all), all.len, &out);
        require(!has_planted(&out));
        encode(&outer, &inner, depth % 2);
        haul_buf_clear(&inner);
        haul_buf_add(&inner, haul_buf_str(&outer), outer.len);
    }
    haul_buf_done(&inner);
    haul_buf_done(&outer);
    haul_buf_done(&all);
    haul_buf_done(&out);
}

/* What a URL has hidden, or a part of it, is hidden where it comes back without its name, encoded
 * or not. */
static void check_given_back(const struct haul_redactor *redactor, const char *name,
                             const char *text, size_t len)
{
    struct haul_redactor_secrets secrets;
    struct haul_buf url, all, out;

    haul_redactor_secrets_init(&secrets);
    haul_buf_init(&url, 0);
    haul_buf_init(&all, 0);
    haul_buf_init(&out, 0);
    haul_buf_addf(&url, len % 2 ? "http://h/?%s=%s" : "http://h/?%s=x,%s:y", name, planted);
    haul_redactor_secrets_begin(&secrets, haul_buf_str(&url));
    haul_redactor_secrets_learn(&secrets, redactor, haul_buf_str(&url), url.len);
    haul_buf_add(&all, text, len);
    haul_buf_addf(&all, "%s%%54heOneAndOnly%%2553ecret", planted);
    haul_buf_add(&all, text, len);
    haul_redactor_apply_all(redactor, &secrets, haul_buf_str(&all), all.len, &out);
    require(!has_planted(&out));
    haul_redactor_secrets_done(&secrets);
    haul_buf_done(&url);
    haul_buf_done(&all);
    haul_buf_done(&out);
}

static bool has_any_planted(const char *text, size_t len)
{
    return memmem(text, len, "One", 3) || memmem(text, len, "AllOfIt", 7);
}

/* The same as forms write it, and have it once they are decoded: '+' is a blank. */
static void check_form_given_back(const struct haul_redactor *redactor, const char *name,
                                  const char *text, size_t len)
{
    static const char *const sent[] = {"One+Two+AllOfIt", "One%20Two%20AllOfIt",
                                       "One%2BTwo+AllOfIt", "x%26One+Two%20AllOfIt"};
    static const char *const back[] = {"One Two AllOfIt", "One+Two+AllOfIt", "One%20Two%2BAllOfIt",
                                       "One%2520Two AllOfIt"};
    struct haul_redactor_secrets secrets;
    struct haul_buf url, all, out;

    haul_redactor_secrets_init(&secrets);
    haul_buf_init(&url, 0);
    haul_buf_init(&all, 0);
    haul_buf_init(&out, 0);
    haul_buf_addf(&url, "http://h/?%s=%s", name, sent[len % 4]);
    haul_redactor_secrets_begin(&secrets, haul_buf_str(&url));
    haul_redactor_secrets_learn(&secrets, redactor, haul_buf_str(&url), url.len);
    haul_buf_add(&all, text, len);
    haul_buf_addf(&all, "%s/AllOfIt", back[len / 4 % 4]);
    haul_buf_add(&all, text, len);
    haul_redactor_apply_all(redactor, &secrets, haul_buf_str(&all), all.len, &out);
    require(!has_any_planted(haul_buf_str(&out), out.len));
    haul_redactor_secrets_done(&secrets);
    haul_buf_done(&url);
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
        if (!memchr(text, '%', len) && !memmem(text, len, "://", 3))
            require(out.len == wanted.len &&
                    !memcmp(haul_buf_str(&out), haul_buf_str(&wanted), out.len));
        for (int depth = 0; depth <= HAUL_REDACTOR_DEPTH; depth++) {
            for (i = 0; i < out.len; i++)
                require(out.data[i] < '0' || out.data[i] > '9');
            decode(&out);
        }
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
        if (!strchr(name, '%') && !strchr(name, '+') && !strchr(name, '*') &&
            !is_planted_already(text, len) && !strstr(name, planted)) {
            check_planted_deep(redactor, name, text, len);
            check_given_back(redactor, name, text, len);
            if (!has_any_planted(text, len))
                check_form_given_back(redactor, name, text, len);
        }
    }
    check_regex(text, len);
    haul_redactor_free(redactor);
    free(name);
    return 0;
}
