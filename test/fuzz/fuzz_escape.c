#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/ci.h"
#include "base/escape.h"

/*
 * Whatever comes in: what goes out is harmless where it goes, says nothing else, and in the forms
 * that promise it, can be read back to the byte. And in the log of a CI system it is no command.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

static int digit_of(char c)
{
    const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

    REQUIRE(at);
    return (int)(at - digits);
}

static void require_no_controls(const struct haul_buf *buf)
{
    for (size_t i = 0; i < buf->len; i++)
        REQUIRE((unsigned char)buf->data[i] >= 0x20 && buf->data[i] != 0x7f);
}

/* Undoes \xNN, \\, \t, \n and \r. */
static void require_reads_back(const struct haul_buf *buf, const uint8_t *data, size_t size)
{
    static const char letters[] = "\\tnr", plain[] = "\\\t\n\r";
    const char *at = haul_buf_str(buf), *end = at + buf->len, *letter;
    size_t n = 0;

    while (at < end) {
        int byte = (unsigned char)*at++;

        if (byte == '\\' && *at == 'x') {
            REQUIRE(end - at >= 3);
            byte = digit_of(at[1]) * 16 + digit_of(at[2]);
            at += 3;
        } else if (byte == '\\') {
            letter = *at ? strchr(letters, *at) : NULL;
            REQUIRE(letter);
            byte = plain[letter - letters];
            at++;
        }
        REQUIRE(n < size && data[n] == byte);
        n++;
    }
    REQUIRE(n == size);
}

/* As the systems look for them (base/ci.h). */
static void require_no_opener(const struct haul_buf *buf)
{
    static const char *const words[] = {
        "##[", "##vso[", "##teamcity[", "section_start:", "section_end:", "travis_fold:"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        REQUIRE(!strstr(haul_buf_str(buf), words[i]));
}

/* What a system has of a line that trims it: all white space of Unicode, as .NET does. */
static const char *trimmed(const char *line)
{
    static const char *const white[] = {"\t",           "\n",           "\v",
                                        "\f",           "\r",           " ",
                                        "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80",
                                        "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82",
                                        "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85",
                                        "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88",
                                        "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
                                        "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f",
                                        "\xe3\x80\x80"};

    for (size_t i = 0; i < sizeof white / sizeof *white; i++)
        if (strncmp(line, white[i], strlen(white[i])) == 0)
            return trimmed(line + strlen(white[i]));
    return line;
}

static void require_no_command_in_front(const struct haul_buf *buf)
{
    const char *line = haul_buf_str(buf), *at = trimmed(line);

    REQUIRE(strncmp(at, "::", 2) != 0);
    REQUIRE(strncmp(line, "--- ", 4) != 0 && strncmp(line, "+++ ", 4) != 0);
    REQUIRE(strncmp(line, "~~~ ", 4) != 0 && strncmp(line, "^^^ ", 4) != 0);
}

static void check_terminal(struct haul_buf *buf, const uint8_t *data, size_t size, size_t width)
{
    size_t columns;

    for (int utf8 = 0; utf8 < 2; utf8++) {
        haul_buf_clear(buf);
        columns = haul_escape_terminal(buf, data, size, utf8, 0);
        require_no_controls(buf);
        require_reads_back(buf, data, size);
        REQUIRE(utf8 || columns == buf->len);
        require_no_opener(buf);
        columns += haul_ci_break_line(buf, 0);
        require_no_command_in_front(buf);
        require_reads_back(buf, data, size);
        REQUIRE(utf8 || columns == buf->len);
        haul_buf_clear(buf);
        columns = haul_escape_terminal(buf, data, size, utf8, width);
        REQUIRE(columns <= width && buf->len <= 4 * width);
        REQUIRE(utf8 || columns == buf->len);
        haul_buf_clear(buf);
        columns = haul_escape_terminal_middle(buf, data, size, utf8, width);
        REQUIRE(columns <= width && buf->len <= 4 * width);
        require_no_controls(buf);
        require_no_opener(buf);
    }
}

static void check_tsv(struct haul_buf *buf, const uint8_t *data, size_t size)
{
    haul_buf_clear(buf);
    haul_escape_tsv(buf, data, size);
    require_no_controls(buf);
    require_reads_back(buf, data, size);
}

/* What the quotation marks hold says itself: but for what is not plain, which is \xNN. */
static void require_is_cell_of(const char *at, const char *end, const uint8_t *data, size_t size)
{
    size_t n = 0, marks = 0;

    /* One apostrophe more than the text has: behind its own, too. */
    while (marks < size && data[marks] == '\'')
        marks++;
    if (strspn(at, "'") == marks + 1)
        at++;
    for (; at < end; n++) {
        REQUIRE(n < size);
        if (*at == '\\' && data[n] != '\\') {
            REQUIRE(end - at >= 4 && at[1] == 'x');
            REQUIRE(digit_of(at[2]) * 16 + digit_of(at[3]) == data[n]);
            at += 4;
            continue;
        }
        REQUIRE((unsigned char)*at == data[n]);
        at += *at == '"' ? 2 : 1;
    }
    REQUIRE(n == size);
}

static void check_csv(struct haul_buf *buf, const uint8_t *data, size_t size)
{
    const char *at;
    size_t quotes = 0;

    haul_buf_clear(buf);
    haul_escape_csv(buf, data, size);
    at = haul_buf_str(buf);
    if (*at != '"') {
        require_no_controls(buf);
        REQUIRE(!strpbrk(at, ",;\""));
        REQUIRE(!*at || !strchr("=+-@", *at));
        require_is_cell_of(at, at + buf->len, data, size);
        return;
    }
    REQUIRE(buf->len >= 2 && at[buf->len - 1] == '"');
    for (size_t i = 1; i + 1 < buf->len; i++) {
        quotes = at[i] == '"' ? quotes + 1 : 0;
        REQUIRE(!(quotes % 2 && at[i + 1] != '"'));
    }
    REQUIRE(quotes % 2 == 0);
    REQUIRE(!strchr("=+-@\t\r\n", at[1]));
    for (size_t i = 0; i < buf->len; i++)
        REQUIRE((unsigned char)at[i] >= 0x20 || strchr("\t\r\n", at[i]));
    require_is_cell_of(at + 1, at + buf->len - 1, data, size);
}

static void check_json(struct haul_buf *buf, const uint8_t *data, size_t size)
{
    const char *at;

    haul_buf_clear(buf);
    haul_escape_json(buf, data, size);
    require_no_controls(buf);
    for (at = haul_buf_str(buf); *at; at++) {
        REQUIRE(*at != '"');
        if (*at != '\\')
            continue;
        at++;
        REQUIRE(*at == '"' || *at == '\\' || *at == 'u');
        for (int i = 1; *at == 'u' && i <= 4; i++)
            digit_of(at[i]);
    }
}

static void check_html(struct haul_buf *buf, const uint8_t *data, size_t size)
{
    haul_buf_clear(buf);
    haul_escape_html(buf, data, size);
    require_no_controls(buf);
    REQUIRE(!strpbrk(haul_buf_str(buf), "<>\"'"));
}

static void require_row(const struct haul_buf *buf)
{
    const char *newline = memchr(haul_buf_str(buf), '\n', buf->len);

    REQUIRE(newline == buf->data + buf->len - 1 && !memchr(buf->data, '\r', buf->len));
    require_no_opener(buf);
    require_no_command_in_front(buf);
}

/* Rows, behind one that stays as it is. */
static void check_rows(struct haul_buf *buf, const uint8_t *data, size_t size)
{
    haul_buf_clear(buf);
    haul_buf_add_str(buf, "##[\n");
    haul_escape_tsv(buf, data, size);
    haul_buf_add_char(buf, '\n');
    haul_ci_break_row(buf, 4);
    REQUIRE(memcmp(buf->data, "##[\n", 4) == 0);
    haul_buf_consume(buf, 4);
    require_row(buf);
    haul_buf_cut(buf, buf->len - 1);
    require_reads_back(buf, data, size);
    haul_buf_clear(buf);
    haul_escape_csv(buf, data, size);
    haul_buf_add_char(buf, '\n');
    haul_ci_break_row(buf, 0);
    require_row(buf);
    haul_buf_clear(buf);
    haul_escape_json(buf, data, size);
    haul_ci_break_text(buf, 0, "\\u0023");
    REQUIRE(!strstr(haul_buf_str(buf), "##[") && !strstr(haul_buf_str(buf), "##vso["));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct haul_buf buf;

    haul_buf_init(&buf, 0);
    check_terminal(&buf, data, size, 1 + (size ? data[0] % 40U : 0));
    check_tsv(&buf, data, size);
    check_csv(&buf, data, size);
    check_json(&buf, data, size);
    check_html(&buf, data, size);
    check_rows(&buf, data, size);
    haul_buf_done(&buf);
    return 0;
}
