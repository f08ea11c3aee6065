#include "batch.h"

#include <string.h>
#include <unistd.h>

enum { ARGS_MAX = 40 };

/* ---- the list ---- */

static struct haul_buf list;

void begin_list(void)
{
    haul_buf_done(&list);
    haul_buf_init(&list, 0);
}

void add(const char *url)
{
    haul_buf_addf(&list, "%s\n", url);
}

void add_many(const char *path, int count)
{
    for (int i = 0; i < count; i++)
        add(it_url("%s&i=%d", path, i));
}

const char *end_list(void)
{
    const char *path = it_path("list");

    it_write(path, list.data, list.len);
    return path;
}

/* ---- URLs ---- */

const char *second_url(const char *path)
{
    return it_text("http://127.0.0.1:%d%s", it_port("http2nd"), path);
}

const char *refused_url(int i)
{
    return it_text("http://127.0.0.1:%d/?i=%d", it_port("refused"), i);
}

const char *gate_name(void)
{
    return it_text("polite-%ld", (long)getpid());
}

const char *gate(void)
{
    return it_text("/gate?name=%s", gate_name());
}

/* ---- runs ---- */

static const char *const *make_args(const char *options, const char *path)
{
    static const char *argv[ARGS_MAX];
    const char *word = options;
    int count = 0;

    while (*word && count < ARGS_MAX - 5) {
        int len = (int)strcspn(word, " ");

        argv[count++] = it_text("%.*s", len, word);
        word += len;
        word += *word == ' ';
    }
    argv[count++] = "--format";
    argv[count++] = "jsonl";
    argv[count++] = "-i";
    argv[count++] = path;
    argv[count] = NULL;
    return argv;
}

struct it_run run(const char *options, const char *path)
{
    return it_haul(make_args(options, path));
}

struct it_process *start(const char *options, const char *path)
{
    return start_call((struct it_call){0}, options, path);
}

struct it_process *start_call(struct it_call call, const char *options, const char *path)
{
    call.argv = make_args(options, path);
    return it_start(&call);
}

const json_t *run_one(const char *options, const char *url)
{
    struct it_run done;

    begin_list();
    add(url);
    done = run(options, end_list());
    return json_array_get(check_rows(&done), 0);
}

/* ---- rows ---- */

const json_t *check_rows_read(const struct it_run *done)
{
    const json_t *rows = it_rows(done->out);
    size_t count = json_array_size(rows);
    json_t *seen = json_object();

    for (size_t i = 0; i < count; i++)
        json_object_set_new(seen, it_str(json_array_get(rows, i), "url"), json_true());
    ck_assert_uint_eq(json_object_size(seen), count);
    json_decref(seen);
    it_check_equation(done->err, count);
    return rows;
}

const json_t *check_rows(const struct it_run *done)
{
    const json_t *rows = check_rows_read(done);

    ck_assert_uint_eq(json_array_size(rows), it_lines(haul_buf_str(&list)));
    return rows;
}

size_t count_verdicts(const json_t *rows, const char *verdict)
{
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(rows); i++)
        count += strcmp(it_verdict(json_array_get(rows, i)), verdict) == 0;
    return count;
}

void check_attempts(const json_t *row, const char *verdict, json_int_t attempts)
{
    ck_assert_str_eq(it_verdict(row), verdict);
    ck_assert_int_eq(it_int(row, "attempts"), attempts);
    ck_assert_int_eq(it_int(row, "num_retries"), attempts - 1);
}

/* ---- what the server saw ---- */

json_int_t arrival_us(const json_t *log, size_t number)
{
    return it_int(json_array_get(log, number), "time_us");
}
