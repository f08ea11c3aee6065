#include "robots_site.h"

static void add_encoded(struct haul_buf *to, const char *text)
{
    for (; *text; text++)
        haul_buf_addf(to, "%%%02x", (unsigned char)*text);
}

void set_robots(const char *host, const char *target)
{
    struct haul_buf path;

    haul_buf_init(&path, 0);
    haul_buf_addf(&path, "/robots/set?for=%s&to=", host);
    add_encoded(&path, target);
    ck_assert_str_eq(it_ask("%s", haul_buf_str(&path)), "set\n");
    haul_buf_done(&path);
}

const char *rules(const char *text, const char *options)
{
    const char *target;
    struct haul_buf path;

    haul_buf_init(&path, 0);
    haul_buf_add_str(&path, "/rules?text=");
    add_encoded(&path, text);
    target = it_text("%s%s", haul_buf_str(&path), options);
    haul_buf_done(&path);
    return target;
}

const char *first_host(void)
{
    return it_text("127.0.0.1:%d", it_port("http"));
}

const char *second_host(void)
{
    return it_text("127.0.0.1:%d", it_port("http2nd"));
}

size_t asked(const char *prefix)
{
    return json_array_size(it_log(prefix));
}

void assert_verdict(const json_t *row, const char *verdict)
{
    ck_assert_str_eq(it_verdict(row), verdict);
}

static void begin(void)
{
    it_begin_server_with(IT_ARGS("--addresses", it_text("%d", ROBOTS_ADDRESSES)));
}

TCase *robots_case(const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_add_unchecked_fixture(tcase, begin, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    return tcase;
}
