#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#include "real_site.h"
#include "servers.h"

/*
 * Servers of several makes: what each of them does on its own terms, as there are compression,
 * lengths it does not know, and connections that it closes when it likes. Nothing of it may cost a
 * URL, nor a second attempt.
 */

/* ---- each make, each way to ask it ---- */

static const struct way {
    enum it_listener listener;
    const char *option;
    const char *version; /* that is then spoken */
} ways[] = {
    {IT_PLAIN, "--http1.1", "1.1"},
    {IT_SECURE, "--http1.1", "1.1"},
    {IT_SECURE, "--http2", "2"},
};
enum { WAYS = sizeof ways / sizeof *ways };

static const struct shape {
    const char *jobs, *streams;
    int most_connections;  /* of HTTP/1.1 */
    int most_connections2; /* of HTTP/2: one a worker */
} shapes[] = {
    {"1", "1", 1, 1},
    {"4", "1", 4, 4},
    {"2", "8", 16, 2},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

/* A loop's number as make, way and shape. Returns false where there is no such server. */
struct choice {
    enum it_make make;
    const struct way *way;
    const struct shape *shape;
};
enum { EACH_WAY = IT_MAKES * WAYS, EACH_SHAPE = EACH_WAY * SHAPES };

static bool choose(int number, struct choice *choice)
{
    choice->make = (enum it_make)(number % IT_MAKES);
    choice->way = &ways[number / IT_MAKES % WAYS];
    choice->shape = &shapes[number / EACH_WAY % SHAPES];
    return site_has(choice->make);
}

static const char *url_of(const struct choice *choice, const char *path)
{
    return it_text("%s%s", it_make_origin(choice->make, choice->way->listener), path);
}

static void check_version(const json_t *rows, const char *version)
{
    for (size_t i = 0; i < json_array_size(rows); i++)
        ck_assert_str_eq(it_str(json_array_get(rows, i), "http_version"), version);
}

START_TEST(every_file_is_whole_and_connections_are_kept)
{
    struct choice to;
    struct it_run run;
    const json_t *rows;
    bool is_h2;

    if (!choose(_i, &to))
        return;
    run = SITE_RUN(to.way->option, "-j", to.shape->jobs, "--streams", to.shape->streams,
                   "--no-compressed", "-i", site_list(url_of(&to, ""), 0, SITE_FILES));
    rows = site_check_all(&run, 0, SITE_FILES);
    check_version(rows, to.way->version);
    is_h2 = to.way->version[0] == '2';
    ck_assert_int_ge(site_connections(rows), 1);
    ck_assert_int_le(site_connections(rows),
                     is_h2 ? to.shape->most_connections2 : to.shape->most_connections);
    for (size_t i = 0; i < json_array_size(rows); i++)
        ck_assert(json_is_true(json_object_get(json_array_get(rows, i), "verified")));
}
END_TEST

START_TEST(head_tells_the_length_and_brings_no_body)
{
    struct choice to;
    struct it_run run;
    const json_t *rows;

    if (!choose(_i, &to))
        return;
    run = SITE_RUN(to.way->option, "-j", "1", "-I", "--hash", "none", "--no-compressed", "-i",
                   site_list(url_of(&to, ""), 1, SITE_FILES - 1));
    rows = it_rows(run.out);
    ck_assert_int_eq(run.status, 0);
    ck_assert_int_eq(site_connections(rows), 1);
    for (int i = 1; i < SITE_FILES; i++) {
        const json_t *row = json_array_get(rows, (size_t)i - 1);

        ck_assert_str_eq(it_verdict(row), "ok");
        ck_assert_int_eq(it_int(row, "content_length"), site_size(i));
        ck_assert_int_eq(it_int(row, "size_download"), 0);
    }
}
END_TEST

START_TEST(missing_file_fails_and_leaves_the_connection_to_others)
{
    struct choice to;
    struct it_run run;
    const json_t *rows;

    if (!choose(_i, &to))
        return;
    run = SITE_RUN(to.way->option, "-j", "1", url_of(&to, site_path(1)), url_of(&to, "/none-1"),
                   url_of(&to, site_path(2)), url_of(&to, "/none-2"), url_of(&to, site_path(3)));
    rows = it_rows(run.out);
    ck_assert_int_eq(run.status, 1);
    for (int i = 0; i < 5; i++) {
        const json_t *row = json_array_get(rows, (size_t)i);

        if (i % 2 == 0)
            site_check(row, i / 2 + 1);
        else
            ck_assert_str_eq(it_verdict(row), "failed http-404");
    }
    ck_assert_int_eq(site_connections(rows), 1);
}
END_TEST

START_TEST(redirect_is_followed_on_the_same_connection)
{
    struct choice to;
    const json_t *row;

    if (!choose(_i, &to))
        return;
    row = site_fetch(url_of(&to, it_text("/moved%s", site_path(7))), IT_ARGS(to.way->option));
    site_check(row, 7);
    ck_assert_int_eq(it_int(row, "num_redirects"), 1);
    ck_assert_str_eq(it_str(row, "url_effective"), url_of(&to, site_path(7)));
    ck_assert_int_eq(it_int(row, "num_connects"), 1);
}
END_TEST

START_TEST(packed_files_are_smaller_on_the_wire_and_whole)
{
    struct choice to;
    struct it_run run;
    const json_t *rows;

    if (!choose(_i, &to))
        return;
    run = SITE_RUN(to.way->option, "-j", "2", "--streams", "4", "--compressed", "-i",
                   site_list(url_of(&to, ""), SITE_FIRST_PACKED, SITE_PACKED));
    rows = site_check_all(&run, SITE_FIRST_PACKED, SITE_PACKED);
    for (size_t i = 0; i < SITE_PACKED; i++) {
        const json_t *row = json_array_get(rows, i);

        ck_assert_int_gt(it_int(row, "size_download"), 0);
        ck_assert_int_lt(it_int(row, "size_download"), it_int(row, "size_body"));
    }
}
END_TEST

/* The gateway does not know the length either: chunked in HTTP/1.1, none in HTTP/2. */
static const char *const unsized[] = {"chunked", "close"};

START_TEST(length_that_nobody_knows_needs_none)
{
    struct choice to;
    const json_t *row, *whole;
    const char *path;

    if (!choose(_i % EACH_WAY, &to))
        return;
    path = it_text("/size?n=200000&framing=%s", unsized[_i / EACH_WAY]);
    row = site_fetch(url_of(&to, it_text("/upstream%s", path)), IT_ARGS(to.way->option));
    whole = site_fetch(it_url("/size?n=200000"), IT_ARGS("--http1.1"));
    ck_assert_str_eq(it_verdict(row), "ok");
    ck_assert(json_is_null(json_object_get(row, "content_length")));
    ck_assert(json_is_true(json_object_get(row, "verified")));
    ck_assert_int_eq(it_int(row, "size_body"), 200000);
    ck_assert_str_eq(it_str(row, "sha256"), it_str(whole, "sha256"));
}
END_TEST

/* ---- connections that the server closes ---- */

/* How many connections the files take at least. Apache and lighttpd close theirs after one request
 * more, and do not count those of HTTP/2. */
static const struct {
    enum it_listener listener;
    const char *option;
    int least[IT_MAKES];
} brief[] = {
    {IT_BRIEF, "--http1.1", {[IT_NGINX] = 18, [IT_APACHE] = 14, [IT_LIGHTTPD] = 14}},
    {IT_BRIEF_SECURE, "--http1.1", {[IT_NGINX] = 18, [IT_APACHE] = 14, [IT_LIGHTTPD] = 14}},
    {IT_BRIEF_SECURE, "--http2", {[IT_NGINX] = 18, [IT_APACHE] = 1, [IT_LIGHTTPD] = 1}},
};
enum { BRIEF = sizeof brief / sizeof *brief };

START_TEST(few_requests_for_each_connection_cost_no_url)
{
    enum it_make make = (enum it_make)(_i % IT_MAKES);
    int way = _i / IT_MAKES % BRIEF;
    const struct shape *shape = &shapes[_i / IT_MAKES / BRIEF];
    struct it_run run;
    const json_t *rows;

    if (!site_has(make))
        return;
    run = SITE_RUN(brief[way].option, "-j", shape->jobs, "--streams", shape->streams, "-i",
                   site_list(it_make_origin(make, brief[way].listener), 0, SITE_FILES));
    rows = site_check_all(&run, 0, SITE_FILES);
    ck_assert_int_ge(site_connections(rows), brief[way].least[make]);
}
END_TEST

static const struct {
    enum it_listener listener;
    const char *option;
} idle[] = {
    {IT_IDLE, "--http1.1"},
    {IT_IDLE_SECURE, "--http1.1"},
    {IT_IDLE_SECURE, "--http2"},
};
enum { IDLE = sizeof idle / sizeof *idle, IDLE_ROUNDS = 2 };

/* Longer than the server's patience, so that it closes what haul keeps. If it has not, yet, on a
 * slow machine, then the connection is used again, which is as good. */
static void outwait_server(void)
{
    const struct timespec pause = {.tv_sec = 1, .tv_nsec = 500000000};

    (void)nanosleep(&pause, NULL);
}

/* A run for each make, all at the same time. */
static struct it_process *start_idle(enum it_make make, int way)
{
    if (!site_has(make))
        return NULL;
    return it_start(&(struct it_call){
        .argv = IT_ARGS("-q", "--format", "jsonl", "--order", "input", "-j", "1", "--retry", "0",
                        "--hash", "sha256", "--cacert", it_ca_file(), idle[way].option, "-i", "-"),
        .keep_input = true});
}

static void fetch_next(struct it_process *const processes[IT_MAKES], int way, int number)
{
    const char *urls[IT_MAKES];

    for (int i = 0; i < IT_MAKES; i++) {
        urls[i] =
            it_text("%s%s", it_make_origin((enum it_make)i, idle[way].listener), site_path(number));
        if (processes[i])
            it_send(processes[i], it_text("%s\n", urls[i]));
    }
    for (int i = 0; i < IT_MAKES; i++)
        if (processes[i])
            it_await_output(processes[i], urls[i]);
}

START_TEST(connection_that_the_server_closed_while_idle_costs_no_url)
{
    struct it_process *processes[IT_MAKES];
    struct it_run run;

    for (int i = 0; i < IT_MAKES; i++)
        processes[i] = start_idle((enum it_make)i, _i);
    for (int i = 1; i <= IDLE_ROUNDS; i++) {
        if (i > 1)
            outwait_server();
        fetch_next(processes, _i, i);
    }
    for (int i = 0; i < IT_MAKES; i++) {
        if (!processes[i])
            continue;
        run = it_finish(processes[i]);
        (void)site_check_all(&run, 1, IDLE_ROUNDS);
    }
}
END_TEST

/* ---- ranges ---- */

/* How much of an unfinished file is in that directory; 0: nothing, or no such file. */
static int64_t begun_size(const char *directory)
{
    DIR *stream = opendir(directory);
    int64_t size = 0;
    struct dirent *entry;
    struct stat info;

    while (stream && (entry = readdir(stream))) {
        const char *path = it_text("%s/%s", directory, entry->d_name);

        if (strstr(entry->d_name, ".part") && stat(path, &info) == 0)
            size = info.st_size;
    }
    if (stream)
        (void)closedir(stream);
    return size;
}

/* Begins the largest file, with a field that makes the server slow, and leaves it unfinished. */
static const char *begin_file(const struct choice *to, const char *dir)
{
    const char *url = url_of(to, site_path(SITE_FIRST_LARGE));
    const char *below =
        it_text("%s/127.0.0.1%%3A%d/own", dir, it_make_port(to->make, to->way->listener));
    struct it_process *process = it_start(&(struct it_call){
        .argv = IT_ARGS("-q", "-C", "-d", dir, "--grace", "0", "--no-compressed", "--cacert",
                        it_ca_file(), to->way->option, "-H", "Slow: yes", url)});
    int64_t since_ms = it_now_ms();

    while (begun_size(below) == 0)
        it_pause(since_ms, "an unfinished file");
    it_signal(process, SIGINT);
    ck_assert_int_eq(it_finish(process).status, 128 + SIGINT);
    ck_assert_int_gt(begun_size(below), 0);
    ck_assert_int_lt(begun_size(below), site_size(SITE_FIRST_LARGE));
    return url;
}

START_TEST(what_was_begun_is_gone_on_with)
{
    struct choice to;
    struct it_run run;
    const json_t *row;
    const char *dir = it_path(it_text("begun-%d", _i)), *url;

    if (!choose(_i, &to))
        return;
    if (to.make == IT_LIGHTTPD && to.way->version[0] == '2')
        return; /* it limits the rate of HTTP/1.1 only */
    url = begin_file(&to, dir);
    run = SITE_RUN("-C", "-d", dir, "--no-compressed", to.way->option, url);
    row = json_array_get(site_check_all(&run, SITE_FIRST_LARGE, 1), 0);
    ck_assert_int_eq(it_int(row, "http_code"), 206);
    ck_assert_int_lt(it_int(row, "size_download"), site_size(SITE_FIRST_LARGE));
    ck_assert_str_eq(it_read(it_text("%s/%s", dir, it_str(row, "filename_effective")), NULL),
                     it_read(it_text("%s%s", site_root(), site_path(SITE_FIRST_LARGE)), NULL));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("servers");
    TCase *tcase = tcase_create("servers");

    tcase_add_unchecked_fixture(tcase, site_begin, site_end);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, every_file_is_whole_and_connections_are_kept, 0, EACH_SHAPE);
    tcase_add_loop_test(tcase, head_tells_the_length_and_brings_no_body, 0, EACH_WAY);
    tcase_add_loop_test(tcase, missing_file_fails_and_leaves_the_connection_to_others, 0, EACH_WAY);
    tcase_add_loop_test(tcase, redirect_is_followed_on_the_same_connection, 0, EACH_WAY);
    tcase_add_loop_test(tcase, packed_files_are_smaller_on_the_wire_and_whole, 0, EACH_WAY);
    tcase_add_loop_test(tcase, length_that_nobody_knows_needs_none, 0, 2 * EACH_WAY);
    tcase_add_loop_test(tcase, few_requests_for_each_connection_cost_no_url, 0,
                        IT_MAKES * BRIEF * SHAPES);
    tcase_add_loop_test(tcase, connection_that_the_server_closed_while_idle_costs_no_url, 0, IDLE);
    tcase_add_loop_test(tcase, what_was_begun_is_gone_on_with, 0, EACH_WAY);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
