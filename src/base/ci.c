#include "base/ci.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/utf8.h"

enum { WORD_MAX = 64 }; /* between "##" and '[' */
static const char escaped_hash[] = "\\x23";

static bool begins_with(const char *at, size_t left, const char *word)
{
    size_t len = strlen(word);

    return left >= len && memcmp(at, word, len) == 0;
}

static bool is_hash_opener(const char *at, size_t left)
{
    size_t n = 2;

    if (!begins_with(at, left, "##"))
        return false;
    while (n < left && n < WORD_MAX &&
           (haul_ascii_is_alnum(at[n]) || at[n] == '-' || at[n] == '_' || at[n] == '.'))
        n++;
    return n < left && at[n] == '[';
}

static bool is_word_opener(const char *at, size_t left)
{
    static const char *const words[] = {
        "section_start:", "section_end:", "travis_fold:", "travis_time:"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (begins_with(at, left, words[i]))
            return true;
    return false;
}

bool haul_ci_is_opener(const void *at, size_t left)
{
    const char *text = at;

    if (*text == '#')
        return is_hash_opener(text, left);
    return (*text == 's' || *text == 't') && is_word_opener(text, left);
}

/* ---- breaking them ---- */

static void add_hex(struct haul_buf *to, char byte)
{
    haul_buf_addf(to, "\\x%02x", (unsigned)(unsigned char)byte);
}

/* Bytes of the white space that begins there, of any script: systems trim all of it; or 0. At least
 * one byte is left. */
static size_t space_length(const char *at, size_t left)
{
    struct haul_utf8 point = haul_utf8_next(at, left);

    return point.valid && haul_utf8_is_space(point.code) ? point.len : 0;
}

static bool is_in_front(const char *at, size_t left)
{
    if (begins_with(at, left, "::"))
        return true;
    return left >= 3 && *at && strchr("-+~^", *at) && at[1] == *at && at[2] == *at &&
           (left == 3 || strchr(",;", at[3]) || space_length(at + 3, left - 3));
}

size_t haul_ci_break_line(struct haul_buf *buf, size_t from)
{
    enum { MORE = 3 }; /* "\xNN" for one byte */
    char first, escape[MORE + 2];
    size_t blank;

    while (from < buf->len && (blank = space_length(buf->data + from, buf->len - from)))
        from += blank;
    if (from >= buf->len || !is_in_front(buf->data + from, buf->len - from))
        return 0;
    first = buf->data[from];
    haul_buf_pad(buf, ' ', MORE);
    if (buf->err)
        return 0;
    memmove(buf->data + from + MORE, buf->data + from, buf->len - from - MORE);
    (void)snprintf(escape, sizeof escape, "\\x%02x", (unsigned)(unsigned char)first);
    memcpy(buf->data + from, escape, MORE + 1);
    return MORE;
}

/* What has to be changed; in a row, line ends too, but for its last byte. */
static bool is_to_be_broken(const char *at, size_t left, bool is_row)
{
    if (is_row && left > 1 && (*at == '\n' || *at == '\r'))
        return true;
    return haul_ci_is_opener(at, left);
}

static size_t find_broken(const struct haul_buf *buf, size_t at, bool is_row)
{
    while (at < buf->len && !is_to_be_broken(buf->data + at, buf->len - at, is_row))
        at++;
    return at;
}

static void break_all(struct haul_buf *buf, size_t from, const char *hash, bool is_row)
{
    bool is_hex = strcmp(hash, escaped_hash) == 0;
    size_t at = find_broken(buf, from, is_row), next;
    struct haul_buf rest;

    if (at == buf->len)
        return;
    at -= at > from; /* what stands in front of it may belong to it */
    haul_buf_init(&rest, 0);
    haul_buf_add(&rest, buf->data + at, buf->len - at);
    haul_buf_cut(buf, at);
    for (at = 0; at < rest.len && !rest.err; at = next) {
        char byte = rest.data[at];
        bool breaks = is_to_be_broken(rest.data + at, rest.len - at, is_row);

        next = find_broken(&rest, at + 1, is_row);
        if (breaks && byte == '#') {
            haul_buf_add_str(buf, hash);
        } else if (breaks && is_hex && byte != '\n' && byte != '\r' && at &&
                   rest.data[at - 1] == '\\') {
            haul_buf_add_char(buf, byte); /* the end of an escape: "\t" and "ravis_fold:" */
            add_hex(buf, rest.data[++at]);
        } else if (breaks && is_hex) {
            add_hex(buf, byte);
        } else {
            haul_buf_add_char(buf, byte);
        }
        haul_buf_add(buf, rest.data + at + 1, next - at - 1);
    }
    if (rest.err && !buf->err)
        buf->err = rest.err;
    haul_buf_done(&rest);
}

void haul_ci_break_text(struct haul_buf *buf, size_t from, const char *hash)
{
    break_all(buf, from, hash, false);
}

bool haul_ci_break_row(struct haul_buf *buf, size_t from)
{
    size_t before = buf->len;

    break_all(buf, from, escaped_hash, true);
    (void)haul_ci_break_line(buf, from);
    return buf->len != before;
}

/* ---- where they count ---- */

static bool is_ci(void)
{
    static const char *const names[] = {
        "CI",        "GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION",
        "GITLAB_CI", "BUILDKITE",      "TRAVIS",   "JENKINS_URL"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);

        if (value && *value && strcmp(value, "false") != 0 && strcmp(value, "0") != 0)
            return true;
    }
    return false;
}

bool haul_ci_may_be_log(int fd)
{
    struct stat is;

    return is_ci() && !(fstat(fd, &is) == 0 && S_ISREG(is.st_mode));
}

static bool are_same(const struct stat *one, const struct stat *other)
{
    return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

/* proc(5): the descriptors of a process of one's own. In doubt it has it. */
static bool has_parent(const struct stat *file)
{
    char path[64];
    struct stat its;
    bool is_seen = false;

    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
        (void)snprintf(path, sizeof path, "/proc/%ld/fd/%d", (long)getppid(), fd);
        if (stat(path, &its) == 0)
            is_seen = true;
        else if (errno != ENOENT)
            return true;
        if (is_seen && are_same(&its, file))
            return true;
    }
    return !is_seen;
}

bool haul_ci_is_log(int fd)
{
    struct stat is, error;

    if (!haul_ci_may_be_log(fd))
        return false;
    if (isatty(fd) || fstat(fd, &is) != 0)
        return true;
    return (fstat(STDERR_FILENO, &error) == 0 && are_same(&is, &error)) || has_parent(&is);
}

const char haul_ci_changed[] =
    "some texts would be commands in the log of a CI system: they were changed in the data that "
    "went there, and a file (-o) has them as they are";
