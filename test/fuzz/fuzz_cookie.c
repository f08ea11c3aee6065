#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/cookie.h"
#include "http/cookie_file.h"
#include "model/netrc.h"

/*
 * The first byte says what the rest is: values of Set-Cookie with line ends between them, a file of
 * cookies, or a netrc file. Whatever it is, what is kept is within its bounds, and what is sent is
 * one line of pairs that are for the host.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* It ends where the memory does: one byte too many is seen. */
static char *copy_of(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 1);

    require(copy != NULL);
    if (size)
        memcpy(copy, data, size);
    copy[size] = '\0';
    return copy;
}

static const char *const urls[] = {"https://www.shop.example.co.uk/a/b", "http://a.test/",
                                   "http://127.0.0.1/x", "http://co.uk/"};
enum { LOCAL = 2 };

static void check_cookie(const struct haul_cookie *cookie)
{
    require(*cookie->name && *cookie->domain && *cookie->path == '/');
    require(strlen(cookie->name) + strlen(cookie->value) <= HAUL_COOKIE_MAX);
    require(!strpbrk(cookie->name, "=;\r\n") && !strpbrk(cookie->value, ";\r\n"));
    require(cookie->is_host_only || haul_cookie_may_be_shared(cookie->domain));
}

static void check_sent(const struct haul_cookie_jar *jar, const struct haul_cookies *file)
{
    const struct haul_cookie_sources from = {jar, file};
    struct haul_buf out;

    haul_buf_init(&out, 0);
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        const struct haul_cookie_target target = haul_cookie_target_of(urls[i], i == LOCAL);
        struct haul_cookies_sent sent;
        size_t count;

        haul_buf_clear(&out);
        count = haul_cookie_write(&from, &target, 0, haul_span_of("own=1"), &out, &sent);
        require(sent.count <= count && count <= HAUL_COOKIE_SENT_MAX &&
                out.len <= HAUL_COOKIE_FIELD_MAX);
        require(!count == !out.len && strlen(haul_buf_str(&out)) == out.len);
        require(!strpbrk(haul_buf_str(&out), "\r\n"));
    }
    haul_buf_done(&out);
}

static void play_answers(char *text, size_t size)
{
    struct haul_cookie_jar *jar = NULL;
    struct haul_buf room;

    haul_buf_init(&room, 0);
    for (size_t i = 0; i < size; i++)
        text[i] = text[i] == '\n' ? '\0' : text[i];
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        const struct haul_cookie_target target = haul_cookie_target_of(urls[i], i == LOCAL);

        haul_cookie_keep(&jar, NULL, &target, text, size + 1, 0, &room);
    }
    for (size_t i = 0; jar && i < jar->count; i++)
        check_cookie(jar->cookie[i]);
    require(!jar || (jar->count <= HAUL_COOKIE_JAR_COUNT && jar->bytes <= HAUL_COOKIE_JAR_BYTES));
    check_sent(jar, NULL);
    haul_cookie_jar_free(jar);
    haul_buf_done(&room);
}

static size_t lines_of(const char *text, size_t size)
{
    size_t count = 1;

    for (size_t i = 0; i < size; i++)
        count += text[i] == '\n';
    return count;
}

/* With itself it is as it was; and so are two parts of it. */
static void check_joined(const struct haul_cookies *file)
{
    struct haul_cookie *joined = malloc((2 * file->count + 1) * sizeof *joined);
    struct haul_cookie *part = malloc((file->count + 1) * sizeof *part);
    size_t own = 0, other = 0;

    require(joined && part);
    for (size_t i = 0; i < file->count; i++)
        joined[i] = file->cookie[i];
    require(haul_cookie_file_join(file, 0, joined, file->count) == file->count);
    for (size_t i = 0; i < file->count; i++) {
        require(haul_cookie_is_same(&joined[i], &file->cookie[i]));
        part[other] = joined[own] = file->cookie[i];
        own += i % 2;
        other += i % 2 == 0;
    }
    require(haul_cookie_file_join(&(struct haul_cookies){part, other}, 0, joined, own) ==
            file->count);
    for (size_t i = 0; i < file->count; i++)
        require(haul_cookie_is_same(&joined[i], &file->cookie[i]));
    free(joined);
    free(part);
}

static void play_file(char *text, size_t size)
{
    size_t lines = lines_of(text, size), room = haul_cookie_file_room(size), count = 0;
    struct haul_cookie *cookie = malloc(room * sizeof *cookie);
    struct haul_cookie_fault fault;

    require(cookie != NULL);
    if (haul_cookie_file_read(text, size, 0, cookie, &count, &fault)) {
        require(fault.line >= 1 && fault.line <= lines && fault.cause);
    } else {
        const struct haul_cookies file = {cookie, count};

        require(count <= lines && count <= room);
        for (size_t i = 0; i < count; i++) {
            check_cookie(&cookie[i]);
            require(haul_cookie_find(&file, &cookie[i]) == &cookie[i]);
        }
        check_sent(NULL, &file);
        check_joined(&file);
    }
    free(cookie);
}

static void play_netrc(char *text, size_t size)
{
    size_t lines = lines_of(text, size), room = haul_netrc_room(size), count = 0;
    struct haul_netrc_login *login = malloc(room * sizeof *login);
    struct haul_netrc_fault fault;

    require(login != NULL);
    if (haul_netrc_read(text, size, login, &count, &fault))
        require(fault.line >= 1 && fault.line <= lines && fault.cause);
    require(count < room || !count);
    for (size_t i = 0; i < count; i++)
        require((*login[i].login || *login[i].password) &&
                (!login[i].machine || strlen(login[i].machine) <= size));
    free(login);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text;

    if (!size)
        return 0;
    text = copy_of(data + 1, size - 1);
    if (*data % 3 == 0)
        play_answers(text, size - 1);
    else if (*data % 3 == 1)
        play_file(text, size - 1);
    else
        play_netrc(text, size - 1);
    free(text);
    return 0;
}
