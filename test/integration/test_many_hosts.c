#include <stdlib.h>
#include <string.h>

#include "batch.h"

/*
 * More hosts than haul keeps the addresses of at a time (4096), and a connection for each URL.
 * libcurl itself says that names below .localhost are this machine.
 */

enum { HOSTS = 6000, ADDRESSES = 200 };

static void begin(void)
{
    it_begin_server_with(IT_ARGS("--addresses", it_text("%d", ADDRESSES)));
}

static const char *pinned_url(int i)
{
    return it_text("http://pinned.test:%d/size?n=5&close=1&i=%d", it_port("http"), i);
}

static const char *name_url(int i)
{
    return it_text("http://h%d.localhost:%d/size?n=5&close=1", i, it_port("http"));
}

static const char *address_url(int i)
{
    return it_text("http://127.0.1.%d:%d/size?n=5&close=1&i=%d", 1 + i % ADDRESSES, it_port("many"),
                   i);
}

static const char *const shapes[] = {"-j 8", "-j 2 --streams 4"};

START_TEST(each_of_many_hosts_is_reached)
{
    struct it_run done;

    begin_list();
    for (int i = 0; i < HOSTS; i++) {
        add(name_url(i));
        if (i % 10 == 0)
            add(address_url(i));
    }
    done = run(shapes[_i], end_list());
    ck_assert_int_eq(done.status, 0);
    ck_assert_uint_eq(it_count(check_rows(&done), "ok"), HOSTS + HOSTS / 10);
    ck_assert_int_eq(it_stat("requests"), HOSTS + HOSTS / 10);
}
END_TEST

/* What --resolve says of a name holds for as long as the run lasts. */
START_TEST(resolve_holds_beside_many_hosts)
{
    const char *resolve = it_text("--resolve pinned.test:%d:127.0.0.1", it_port("http"));
    struct it_run done;

    begin_list();
    for (int i = 0; i < HOSTS; i++)
        add(i % 50 ? name_url(i) : pinned_url(i));
    done = run(it_text("%s --retry 0 %s", shapes[_i], resolve), end_list());
    ck_assert_uint_eq(count_verdicts(check_rows(&done), "failed dns"), 0);
    ck_assert_int_eq(done.status, 0);
}
END_TEST

int main(void)
{
    const int shape_count = (int)(sizeof shapes / sizeof *shapes);
    Suite *suite = suite_create("many_hosts");
    TCase *tcase = tcase_create("many_hosts");

    tcase_add_unchecked_fixture(tcase, begin, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, each_of_many_hosts_is_reached, 0, shape_count);
    tcase_add_loop_test(tcase, resolve_holds_beside_many_hosts, 0, shape_count);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
