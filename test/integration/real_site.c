#include "real_site.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "servers.h"
#include "sink/digest.h"

static struct {
    const char *path;
    long long size;
    char sha256[HAUL_DIGEST_HEX_MAX + 1];
} files[SITE_FILES];
static bool started[IT_MAKES];

const char *site_root(void)
{
    return it_path("site");
}

const char *site_path(int number)
{
    return files[number].path;
}

long long site_size(int number)
{
    return files[number].size;
}

const char *site_sha256(int number)
{
    return files[number].sha256;
}

bool site_has(enum it_make make)
{
    return started[make];
}

/* ---- the files ---- */

static size_t choose_size(int number)
{
    if (number < SITE_FIRST_LARGE)
        return (size_t)(number * 1237 % 8192);
    if (number < SITE_FIRST_PACKED)
        return number == SITE_FIRST_LARGE ? 3000000 : 300000;
    return (size_t)(5000 * (number - SITE_FIRST_PACKED + 1));
}

static void add_digest(int number, const struct haul_buf *text)
{
    struct haul_digester *digester = NULL;

    ck_assert_int_eq(haul_digester_create(&digester), HAUL_OK);
    ck_assert_int_eq(haul_digester_begin(digester, 1u << HAUL_HASH_SHA256), HAUL_OK);
    haul_digester_add(digester, text->data, text->len);
    ck_assert_int_eq(haul_digester_end(digester), HAUL_OK);
    (void)snprintf(files[number].sha256, sizeof files[number].sha256, "%s",
                   haul_digester_hex(digester, HAUL_HASH_SHA256));
    haul_digester_free(digester);
}

static void make_file(int number)
{
    size_t size = choose_size(number);
    struct haul_buf text;

    haul_buf_init(&text, 0);
    do
        haul_buf_addf(&text, "line %zu of file %d\n", text.len, number);
    while (text.len < size);
    text.len = size;
    files[number].path =
        it_text("/%s/%d.txt", number < SITE_FIRST_PACKED ? "own" : "packed", number);
    files[number].size = (long long)size;
    it_write(it_text("%s%s", site_root(), files[number].path), text.data, size);
    add_digest(number, &text);
    haul_buf_done(&text);
}

void site_begin(void)
{
    static const char *const directories[] = {"", "/own", "/packed"};

    it_begin_server();
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++)
        ck_assert_int_eq(mkdir(it_text("%s%s", site_root(), directories[i]), 0755), 0);
    for (int i = 0; i < SITE_FILES; i++)
        make_file(i);
    for (int i = 0; i < IT_MAKES; i++)
        started[i] = it_make_start((enum it_make)i, site_root());
}

void site_end(void)
{
    it_make_stop();
    it_end_server();
}

/* ---- runs ---- */

const char *site_list(const char *origin, int first, int count)
{
    const char *path = it_path("site-list");
    struct haul_buf list;

    haul_buf_init(&list, 0);
    for (int i = first; i < first + count; i++)
        haul_buf_addf(&list, "%s%s\n", origin, files[i].path);
    it_write(path, list.data, list.len);
    haul_buf_done(&list);
    return path;
}

struct it_run site_run(const char *const *argv)
{
    enum { OPTIONS_MAX = 32 };
    const char *all[OPTIONS_MAX] = {"-q", "--format", "jsonl",  "--order",  "input",     "--retry",
                                    "0",  "--hash",   "sha256", "--cacert", it_ca_file()};
    size_t count = 0;

    while (all[count])
        count++;
    for (; *argv && count < OPTIONS_MAX - 1; argv++)
        all[count++] = *argv;
    ck_assert_ptr_null(*argv);
    return it_haul(all);
}

void site_check(const json_t *row, int number)
{
    ck_assert_msg(strcmp(it_verdict(row), "ok") == 0, "%s: %s %s, %lld bytes came",
                  it_str(row, "url"), it_verdict(row), it_str_or_empty(row, "errormsg"),
                  (long long)it_int(row, "size_download"));
    ck_assert_int_eq(it_int(row, "size_body"), files[number].size);
    ck_assert_str_eq(it_str(row, "sha256"), files[number].sha256);
}

const json_t *site_check_all(const struct it_run *run, int first, int count)
{
    const json_t *rows = it_rows(run->out);

    ck_assert_uint_eq(json_array_size(rows), (size_t)count);
    for (int i = 0; i < count; i++)
        site_check(json_array_get(rows, (size_t)i), first + i);
    ck_assert_msg(run->status == 0, "status %d: %.1000s", run->status, run->err);
    return rows;
}

json_int_t site_connections(const json_t *rows)
{
    json_int_t sum = 0;

    for (size_t i = 0; i < json_array_size(rows); i++)
        sum += it_int(json_array_get(rows, i), "num_connects");
    return sum;
}

const json_t *site_fetch(const char *url, const char *const *options)
{
    enum { ALL_MAX = 16 };
    const char *all[ALL_MAX] = {url};
    struct it_run run;

    for (size_t i = 0; options[i] && i < ALL_MAX - 2; i++)
        all[i + 1] = options[i];
    run = site_run(all);
    ck_assert_msg(it_lines(run.out) == 1, "status %d: %s", run.status, run.err);
    return json_array_get(it_rows(run.out), 0);
}
