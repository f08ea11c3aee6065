#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transfer/sockets.h"

enum { ORIGIN = 7, OTHER = 8, NEVER = 0, MANY = 100 };

static struct haul_sockets *sockets;
static int ours, peer; /* the two ends of a connection that the worker knows */

static void make_pair(int *near, int *far)
{
    int fd[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    *near = fd[0];
    *far = fd[1];
}

/* A connection that has answered and is idle. */
static void add_idle(int fd, uint64_t origin)
{
    haul_sockets_add(sockets, fd);
    haul_sockets_note(sockets, fd, origin);
    haul_sockets_set_busy(sockets, fd, false);
}

static void set_up(void)
{
    ck_assert_int_eq(haul_sockets_create(&sockets), HAUL_OK);
    make_pair(&ours, &peer);
    add_idle(ours, ORIGIN);
}

static void tear_down(void)
{
    haul_sockets_free(sockets);
    (void)close(ours);
    (void)close(peer);
}

static void send_byte(int fd)
{
    ck_assert_int_eq(send(fd, "x", 1, MSG_NOSIGNAL), 1);
}

/* Whether the other end can still say something: after shutdown(2) nobody listens any more. */
static bool is_open(int far)
{
    if (send(far, "x", 1, MSG_NOSIGNAL) == 1)
        return true;
    ck_assert_int_eq(errno, EPIPE);
    return false;
}

START_TEST(quiet_idle_connection_is_kept)
{
    haul_sockets_check(sockets, ORIGIN);
    ck_assert(is_open(peer));
}
END_TEST

START_TEST(connection_that_was_quiet_is_looked_at_in_the_next_round)
{
    haul_sockets_check(sockets, ORIGIN);
    send_byte(peer);
    haul_sockets_begin_round(sockets);
    haul_sockets_check(sockets, ORIGIN);
    ck_assert(!is_open(peer));
}
END_TEST

START_TEST(connection_is_looked_at_once_in_a_round)
{
    haul_sockets_check(sockets, ORIGIN);
    send_byte(peer);
    haul_sockets_check(sockets, ORIGIN);
    ck_assert(is_open(peer));
}
END_TEST

START_TEST(connection_used_again_is_looked_at_in_the_same_round)
{
    haul_sockets_check(sockets, ORIGIN);
    haul_sockets_set_busy(sockets, ours, true);
    haul_sockets_note(sockets, ours, ORIGIN);
    haul_sockets_set_busy(sockets, ours, false);
    send_byte(peer);
    haul_sockets_check(sockets, ORIGIN);
    ck_assert(!is_open(peer));
}
END_TEST

START_TEST(bytes_waiting_shut_it_down)
{
    send_byte(peer);
    haul_sockets_check(sockets, ORIGIN);
    ck_assert(!is_open(peer));
}
END_TEST

START_TEST(closed_peer_shuts_it_down)
{
    (void)close(peer);
    haul_sockets_check(sockets, ORIGIN);
    ck_assert_int_eq(send(ours, "x", 1, MSG_NOSIGNAL), -1);
    ck_assert_int_eq(errno, EPIPE);
}
END_TEST

START_TEST(half_closed_peer_shuts_it_down)
{
    ck_assert_int_eq(shutdown(peer, SHUT_WR), 0);
    haul_sockets_check(sockets, ORIGIN);
    ck_assert(!is_open(peer));
}
END_TEST

START_TEST(busy_connection_is_not_looked_at)
{
    haul_sockets_set_busy(sockets, ours, true);
    send_byte(peer);
    haul_sockets_check(sockets, ORIGIN);
    ck_assert(is_open(peer));
}
END_TEST

START_TEST(connection_that_was_busy_is_looked_at)
{
    haul_sockets_set_busy(sockets, ours, true);
    send_byte(peer);
    haul_sockets_set_busy(sockets, ours, false);
    haul_sockets_check(sockets, ORIGIN);
    ck_assert(!is_open(peer));
}
END_TEST

START_TEST(new_connection_is_busy)
{
    int near, far;

    make_pair(&near, &far);
    haul_sockets_add(sockets, near);
    haul_sockets_note(sockets, near, ORIGIN);
    send_byte(far);
    haul_sockets_check(sockets, ORIGIN);
    ck_assert(is_open(far));
    (void)close(near);
    (void)close(far);
}
END_TEST

START_TEST(other_origin_is_not_looked_at)
{
    send_byte(peer);
    haul_sockets_check(sockets, OTHER);
    ck_assert(is_open(peer));
}
END_TEST

START_TEST(last_origin_noted_counts)
{
    haul_sockets_note(sockets, ours, OTHER);
    send_byte(peer);
    haul_sockets_check(sockets, ORIGIN);
    ck_assert(is_open(peer));
    haul_sockets_check(sockets, OTHER);
    ck_assert(!is_open(peer));
}
END_TEST

START_TEST(origin_zero_is_never_looked_at)
{
    haul_sockets_note(sockets, ours, NEVER);
    send_byte(peer);
    haul_sockets_check(sockets, ORIGIN);
    haul_sockets_check(sockets, NEVER);
    ck_assert(is_open(peer));
}
END_TEST

START_TEST(removed_descriptor_is_not_touched)
{
    haul_sockets_remove(sockets, ours);
    send_byte(peer);
    haul_sockets_check(sockets, ORIGIN);
    haul_sockets_spoil(sockets, ours);
    ck_assert(is_open(peer));
}
END_TEST

START_TEST(descriptor_used_again_is_a_new_connection)
{
    int near, far;

    haul_sockets_remove(sockets, ours);
    make_pair(&near, &far);
    ck_assert_int_eq(dup2(near, ours), ours);
    haul_sockets_add(sockets, ours);
    haul_sockets_set_busy(sockets, ours, false);
    send_byte(far);
    haul_sockets_check(sockets, ORIGIN);
    ck_assert(is_open(far));
    (void)close(near);
    (void)close(far);
}
END_TEST

START_TEST(spoiled_connection_is_shut_down_though_busy)
{
    haul_sockets_set_busy(sockets, ours, true);
    haul_sockets_spoil(sockets, ours);
    ck_assert(!is_open(peer));
}
END_TEST

START_TEST(unknown_descriptors_are_ignored)
{
    int near, far;

    make_pair(&near, &far);
    haul_sockets_note(sockets, near, ORIGIN);
    haul_sockets_set_busy(sockets, near, false);
    haul_sockets_spoil(sockets, near);
    haul_sockets_remove(sockets, near);
    send_byte(far);
    haul_sockets_check(sockets, ORIGIN);
    ck_assert(is_open(far));
    (void)close(near);
    (void)close(far);
}
END_TEST

START_TEST(many_connections_are_judged_one_by_one)
{
    int near[MANY], far[MANY];

    for (int i = 0; i < MANY; i++) {
        make_pair(&near[i], &far[i]);
        add_idle(near[i], i % 2 ? ORIGIN : OTHER);
        if (i % 3 == 0)
            send_byte(far[i]);
    }
    for (int i = 0; i < MANY; i += 5)
        haul_sockets_remove(sockets, near[i]);
    haul_sockets_check(sockets, ORIGIN);
    for (int i = 0; i < MANY; i++) {
        ck_assert_int_eq(is_open(far[i]), !(i % 2 && i % 3 == 0 && i % 5));
        (void)close(near[i]);
        (void)close(far[i]);
    }
    ck_assert(is_open(peer));
}
END_TEST

START_TEST(freeing_closes_nothing)
{
    haul_sockets_free(sockets);
    haul_sockets_free(NULL);
    sockets = NULL;
    ck_assert(fcntl(ours, F_GETFD) >= 0);
    ck_assert(is_open(peer));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sockets");
    TCase *tcase = tcase_create("sockets");
    SRunner *runner = srunner_create(suite);
    int failures;

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, quiet_idle_connection_is_kept);
    tcase_add_test(tcase, connection_that_was_quiet_is_looked_at_in_the_next_round);
    tcase_add_test(tcase, connection_is_looked_at_once_in_a_round);
    tcase_add_test(tcase, connection_used_again_is_looked_at_in_the_same_round);
    tcase_add_test(tcase, bytes_waiting_shut_it_down);
    tcase_add_test(tcase, closed_peer_shuts_it_down);
    tcase_add_test(tcase, half_closed_peer_shuts_it_down);
    tcase_add_test(tcase, busy_connection_is_not_looked_at);
    tcase_add_test(tcase, connection_that_was_busy_is_looked_at);
    tcase_add_test(tcase, new_connection_is_busy);
    tcase_add_test(tcase, other_origin_is_not_looked_at);
    tcase_add_test(tcase, last_origin_noted_counts);
    tcase_add_test(tcase, origin_zero_is_never_looked_at);
    tcase_add_test(tcase, removed_descriptor_is_not_touched);
    tcase_add_test(tcase, descriptor_used_again_is_a_new_connection);
    tcase_add_test(tcase, spoiled_connection_is_shut_down_though_busy);
    tcase_add_test(tcase, unknown_descriptors_are_ignored);
    tcase_add_test(tcase, many_connections_are_judged_one_by_one);
    tcase_add_test(tcase, freeing_closes_nothing);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
