#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "cli/secret.h"
#include "cli/set.h"
#include "http/cookie_file.h"
#include "model/netrc.h"

/*
 * Setters of what is read from files of cookies and logins. The content is the configuration's, and
 * overwritten with it; nothing of it gets into a message.
 */

enum { COOKIE_FILE_MAX = 1 << 20, NETRC_FILE_MAX = 1 << 17 }; /* bytes */

/* A file on its way into the configuration. */
struct login_file {
    const char *path;
    char *text;
    size_t len;
};

static enum haul_err fail_at(struct haul_option_call *call, uint64_t line, const char *cause)
{
    enum haul_err err = haul_option_fail(call, "");

    haul_buf_addf(call->message, "line %llu: %s", (unsigned long long)line, cause);
    return err;
}

/* What is no failure, and means that nobody is logged in. */
static void warn(struct haul_option_call *call, const char *path, const char *cause)
{
    haul_option_begin_line(call->message, haul_span_of(path));
    haul_buf_addf(call->message, ": %s", cause);
}

/* Reads it into memory of the configuration; nothing that is written takes its place. */
static enum haul_err read_file(struct haul_option_call *call, const char *path, size_t max,
                               struct login_file *file)
{
    char text[HAUL_IO_ERROR_MAX];
    struct haul_buf bytes;
    const char *cause;
    enum haul_err err;

    haul_buf_init(&bytes, 0);
    *file = (struct login_file){.path = path};
    err = haul_secret_read_file(path, max, &bytes, text, &cause);
    if (err == HAUL_ERR_USAGE)
        err = haul_option_fail(call, cause);
    if (!err) {
        file->len = bytes.len;
        file->text = haul_config_grow(call->config, NULL, 0, bytes.len + 1);
        err = file->text ? HAUL_OK : HAUL_ERR_NOMEM;
    }
    if (!err) {
        memcpy(file->text, haul_buf_str(&bytes), bytes.len);
        file->text[bytes.len] = '\0';
        err = haul_config_add_string(call->config, &call->config->read_files, path);
    }
    haul_wipe(bytes.data, bytes.cap);
    haul_buf_done(&bytes);
    return err;
}

/* curl's -b takes a cookie, too, which must not be shown. */
static enum haul_err fail_pair(struct haul_option_call *call)
{
    struct haul_option_call hidden = *call;

    hidden.value = NULL;
    return haul_option_fail(&hidden, "a file of cookies is needed; --header \"Cookie: NAME=VALUE\" "
                                     "sends one");
}

static bool has_valid(const struct haul_cookie *cookie, size_t count, int64_t now_s)
{
    for (size_t i = 0; i < count; i++)
        if (cookie[i].expires_s > now_s)
            return true;
    return false;
}

/* Those of further files are added. */
enum haul_err haul_option_add_cookies(struct haul_option_call *call)
{
    const struct haul_cookies earlier = {call->config->cookie, call->config->cookie_count};
    int64_t now_s = haul_clock_wall_us() / 1000000;
    struct haul_cookie_fault fault;
    struct haul_cookie *cookie;
    struct login_file file;
    size_t count;
    struct stat ignored;
    enum haul_err err;

    if (strchr(call->value, '=') && stat(call->value, &ignored))
        return fail_pair(call);
    err = read_file(call, call->value, COOKIE_FILE_MAX, &file);
    if (err)
        return err;
    cookie = haul_config_grow(call->config, NULL, 0,
                              (haul_cookie_file_room(file.len) + earlier.count) * sizeof *cookie);
    if (!cookie)
        return HAUL_ERR_NOMEM;
    if (haul_cookie_file_read(file.text, file.len, INT64_MIN, cookie, &count, &fault))
        return fail_at(call, fault.line, fault.cause);
    if (!has_valid(cookie, count, now_s))
        warn(call, call->value, "there is no cookie in it that is still valid");
    call->config->cookie_count = haul_cookie_file_join(&earlier, now_s, cookie, count);
    call->config->cookie = cookie;
    return HAUL_OK;
}

static enum haul_err read_netrc(struct haul_option_call *call, const char *path)
{
    struct haul_netrc_fault fault;
    struct haul_netrc_login *login;
    struct login_file file;
    size_t count;
    enum haul_err err = read_file(call, path, NETRC_FILE_MAX, &file);

    if (err)
        return err;
    login = haul_config_grow(call->config, NULL, 0, haul_netrc_room(file.len) * sizeof *login);
    if (!login)
        return HAUL_ERR_NOMEM;
    if (haul_netrc_read(file.text, file.len, login, &count, &fault))
        return fail_at(call, fault.line, fault.cause);
    if (!count)
        warn(call, path, "there is no login in it");
    call->config->netrc = login;
    call->config->netrc_count = count;
    return HAUL_OK;
}

enum haul_err haul_option_set_netrc_file(struct haul_option_call *call)
{
    return read_netrc(call, call->value);
}

enum haul_err haul_option_set_netrc(struct haul_option_call *call)
{
    const char *home = getenv("HOME");
    struct haul_buf path;
    struct stat ignored;
    enum haul_err err = HAUL_OK;

    call->config->netrc = NULL;
    call->config->netrc_count = 0;
    if (!call->on)
        return HAUL_OK;
    if (!home || !*home)
        return haul_option_fail(call, "HOME is not set; --netrc-file FILE names the file");
    haul_buf_init(&path, 0);
    haul_buf_addf(&path, "%s/.netrc", home);
    if (path.err)
        err = HAUL_ERR_NOMEM;
    else if (stat(haul_buf_str(&path), &ignored) && errno == ENOENT)
        warn(call, haul_buf_str(&path), "there is no such file: nobody is logged in by --netrc");
    else
        err = read_netrc(call, haul_buf_str(&path));
    haul_buf_done(&path);
    return err;
}
