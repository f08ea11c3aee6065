#define _GNU_SOURCE /* syscall, struct tcp_info */

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "transfer/sockets.h"

enum { ORIGIN = 7, OTHER = 8, SHARED = 0, ID = 70, OTHER_ID = 80, HEAD = 3, MANY = 300 };

static struct haul_sockets *sockets;
static int ours, peer; /* the two ends of a connection that the worker knows */
static const char owner, other_owner;

/* The next look has its state from before the end, and its count from behind it. */
static bool end_comes_between;

/* Stands before that of the C library. */
int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
    int result = (int)syscall(SYS_getsockopt, fd, level, name, value, len);

    if (!result && end_comes_between && level == IPPROTO_TCP && name == TCP_INFO) {
        ((struct tcp_info *)value)->tcpi_state = TCP_ESTABLISHED;
        end_comes_between = false;
    }
    return result;
}

/* TCP, for only there does the kernel count. */
static void make_pair(int *near, int *far)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_eq(bind(listener, (const struct sockaddr *)&address, len), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
    *near = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(connect(*near, (const struct sockaddr *)&address, len), 0);
    *far = accept(listener, NULL, NULL);
    ck_assert_int_ge(*far, 0);
    (void)close(listener);
}

static void send_bytes(size_t count)
{
    static const char bytes[256];

    ck_assert_int_eq(send(peer, bytes, count, MSG_NOSIGNAL), (int)count);
}

/* Reads as libcurl would. */
static void take_bytes(size_t count)
{
    char bytes[256];

    ck_assert_int_eq(recv(ours, bytes, count, MSG_WAITALL), (int)count);
}

static struct haul_answer answer_of(int64_t bytes)
{
    return (struct haul_answer){.id = ID, .route = ORIGIN, .keeps_open = true, .bytes = bytes};
}

static enum haul_answer_end end_answer(int64_t bytes)
{
    struct haul_answer answer = answer_of(bytes);

    return haul_sockets_end(sockets, &answer);
}

static bool may_begin(void)
{
    return haul_sockets_begin(sockets, ID, &owner);
}

/* After the worker has waited for the network. */
static bool may_begin_later(void)
{
    haul_sockets_begin_round(sockets);
    return may_begin();
}

/* An answer of HEAD bytes that haul was given `told` of; -1: over TLS. */
static enum haul_answer_end answer_once(int64_t told)
{
    ck_assert(may_begin());
    send_bytes(HEAD);
    take_bytes(HEAD);
    return end_answer(told);
}

static void set_up(void)
{
    ck_assert_int_eq(haul_sockets_create(&sockets), HAUL_OK);
    make_pair(&ours, &peer);
    haul_sockets_add(sockets, ours, &owner);
}

static void tear_down(void)
{
    haul_sockets_free(sockets);
    (void)close(ours);
    (void)close(peer);
}

/*
 * After shutdown(2) nobody listens any more; the kernel says so with the second byte, at the
 * latest.
 */
static bool is_open(void)
{
    char byte;
    ssize_t len;

    ck_assert_int_eq(fcntl(peer, F_SETFL, O_NONBLOCK), 0);
    do {
        len = recv(peer, &byte, 1, 0);
    } while (len > 0);
    return len < 0 && errno == EAGAIN;
}

static bool is_dirty(void)
{
    return haul_sockets_is_dirty(sockets, ORIGIN);
}

START_TEST(answer_alone_leaves_the_connection_usable)
{
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(answer_once(HEAD), HAUL_ANSWER_ALONE);
    ck_assert(may_begin());
    ck_assert(is_open());
    ck_assert(!is_dirty());
}
END_TEST

START_TEST(bytes_behind_an_answer_are_surplus)
{
    ck_assert(may_begin());
    send_bytes(HEAD + 1);
    take_bytes(HEAD);
    ck_assert_int_eq(end_answer(HEAD), HAUL_ANSWER_SURPLUS);
    ck_assert(is_dirty());
    ck_assert(!is_open());
    ck_assert(!may_begin());
}
END_TEST

START_TEST(bytes_that_nobody_was_given_are_lost)
{
    ck_assert_int_eq(answer_once(HEAD - 1), HAUL_ANSWER_LOST);
    ck_assert(is_dirty());
}
END_TEST

START_TEST(bytes_on_an_idle_connection_forbid_its_use)
{
    ck_assert_int_eq(answer_once(HEAD), HAUL_ANSWER_ALONE);
    send_bytes(1);
    ck_assert(!may_begin_later());
    ck_assert(is_dirty());
}
END_TEST

/* One system call for each URL: a busy worker asks for the next at once. */
START_TEST(connection_is_not_looked_at_twice_in_a_round)
{
    ck_assert_int_eq(answer_once(HEAD), HAUL_ANSWER_ALONE);
    send_bytes(1);
    ck_assert(may_begin());
    ck_assert(!may_begin_later());
}
END_TEST

START_TEST(end_on_an_idle_connection_forbids_its_use)
{
    ck_assert_int_eq(answer_once(HEAD), HAUL_ANSWER_ALONE);
    ck_assert_int_eq(shutdown(peer, SHUT_WR), 0);
    ck_assert(!may_begin_later());
    ck_assert(!is_dirty());
}
END_TEST

START_TEST(goodbye_on_an_idle_connection_is_no_surplus)
{
    ck_assert_int_eq(answer_once(HEAD), HAUL_ANSWER_ALONE);
    send_bytes(100);
    ck_assert_int_eq(shutdown(peer, SHUT_WR), 0);
    ck_assert(!may_begin_later());
    ck_assert(!is_dirty());
}
END_TEST

START_TEST(end_behind_an_answer_is_no_surplus)
{
    ck_assert(may_begin());
    send_bytes(HEAD);
    ck_assert_int_eq(shutdown(peer, SHUT_WR), 0);
    take_bytes(HEAD);
    ck_assert_int_eq(end_answer(HEAD), HAUL_ANSWER_ALONE);
    ck_assert(!is_dirty());
}
END_TEST

/* It is a byte to the kernel, and the last one that is ever counted. */
static void end_between(void)
{
    ck_assert_int_eq(shutdown(peer, SHUT_WR), 0);
    end_comes_between = true;
}

START_TEST(end_that_comes_behind_an_answer_while_haul_looks_is_no_surplus)
{
    ck_assert(may_begin());
    send_bytes(HEAD);
    end_between();
    take_bytes(HEAD);
    ck_assert_int_eq(end_answer(HEAD), HAUL_ANSWER_ALONE);
    ck_assert(!end_comes_between);
    ck_assert(!is_dirty());
}
END_TEST

START_TEST(end_that_comes_before_a_request_while_haul_looks_is_no_surplus)
{
    ck_assert_int_eq(answer_once(HEAD), HAUL_ANSWER_ALONE);
    end_between();
    ck_assert(!may_begin_later());
    ck_assert(!end_comes_between);
    ck_assert(!is_dirty());
}
END_TEST

START_TEST(end_that_comes_while_a_connection_is_closed_is_no_surplus)
{
    ck_assert_int_eq(answer_once(HEAD), HAUL_ANSWER_ALONE);
    ck_assert(may_begin());
    send_bytes(HEAD);
    take_bytes(HEAD);
    end_between();
    haul_sockets_remove(sockets, ours);
    ck_assert(!end_comes_between);
    ck_assert_int_eq(end_answer(HEAD), HAUL_ANSWER_ALONE);
    ck_assert(!is_dirty());
}
END_TEST

START_TEST(answer_to_a_request_that_has_not_arrived_is_early)
{
    static const char request[65536];
    int small = 1;

    ck_assert_int_eq(answer_once(HEAD), HAUL_ANSWER_ALONE);
    ck_assert(may_begin());
    ck_assert_int_eq(setsockopt(peer, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    while (send(ours, request, sizeof request, MSG_DONTWAIT) > 0) /* more than the peer takes */
        ;
    send_bytes(HEAD);
    take_bytes(HEAD);
    ck_assert_int_eq(end_answer(HEAD), HAUL_ANSWER_EARLY);
    ck_assert(is_dirty());
}
END_TEST

START_TEST(surplus_is_seen_though_the_connection_was_closed)
{
    ck_assert(may_begin());
    send_bytes(HEAD + 1);
    take_bytes(HEAD + 1);
    haul_sockets_remove(sockets, ours);
    ck_assert_int_eq(end_answer(HEAD), HAUL_ANSWER_SURPLUS);
    ck_assert(is_dirty());
}
END_TEST

START_TEST(closed_connection_without_surplus_is_clean)
{
    ck_assert_int_eq(answer_once(HEAD), HAUL_ANSWER_ALONE);
    ck_assert(may_begin());
    send_bytes(HEAD);
    take_bytes(HEAD);
    haul_sockets_remove(sockets, ours);
    ck_assert_int_eq(end_answer(HEAD), HAUL_ANSWER_ALONE);
    ck_assert(!is_dirty());
}
END_TEST

START_TEST(closed_connection_is_forgotten_after_the_turn)
{
    ck_assert(may_begin());
    send_bytes(HEAD + 1);
    haul_sockets_remove(sockets, ours);
    haul_sockets_end_turn(sockets);
    ck_assert_int_eq(end_answer(HEAD), HAUL_ANSWER_ALONE);
}
END_TEST

START_TEST(encrypted_connection_closed_against_its_answer_had_surplus)
{
    struct haul_answer answer = answer_of(-1);

    ck_assert(may_begin());
    haul_sockets_remove(sockets, ours);
    ck_assert_int_eq(haul_sockets_end(sockets, &answer), HAUL_ANSWER_SURPLUS);
    answer.keeps_open = false;
    ck_assert_int_eq(haul_sockets_end(sockets, &answer), HAUL_ANSWER_ALONE);
}
END_TEST

/* 69 bytes are the longest encrypted goodbye. */
static const struct {
    size_t bytes;
    bool surplus;
} encrypted[] = {{24, false}, {69, false}, {72, false}, {73, true}, {200, true}};

START_TEST(encrypted_bytes_on_an_idle_connection_forbid_its_use)
{
    ck_assert_int_eq(answer_once(-1), HAUL_ANSWER_ALONE);
    ck_assert(may_begin());
    send_bytes(encrypted[_i].bytes);
    ck_assert(!may_begin());
    ck_assert_int_eq(is_dirty(), encrypted[_i].surplus);
}
END_TEST

START_TEST(encrypted_bytes_behind_an_answer_are_surplus_if_too_many_for_a_goodbye)
{
    ck_assert_int_eq(answer_once(-1), HAUL_ANSWER_ALONE);
    send_bytes(encrypted[_i].bytes);
    ck_assert_int_eq(end_answer(-1),
                     encrypted[_i].surplus ? HAUL_ANSWER_SURPLUS : HAUL_ANSWER_ALONE);
    ck_assert_int_eq(is_dirty(), encrypted[_i].surplus);
}
END_TEST

/* Session tickets may follow the first answer. */
START_TEST(encrypted_bytes_behind_the_first_answer_are_no_surplus)
{
    ck_assert(may_begin());
    send_bytes(200);
    ck_assert_int_eq(end_answer(-1), HAUL_ANSWER_ALONE);
}
END_TEST

START_TEST(shared_connection_is_never_looked_at)
{
    struct haul_answer answer = {.id = ID, .route = SHARED, .keeps_open = true, .bytes = -1};

    ck_assert(may_begin());
    ck_assert_int_eq(haul_sockets_end(sockets, &answer), HAUL_ANSWER_ALONE);
    send_bytes(200);
    ck_assert_int_eq(haul_sockets_end(sockets, &answer), HAUL_ANSWER_ALONE);
    ck_assert(may_begin());
    ck_assert(is_open());
}
END_TEST

/* Of two that are opened for one request (IPv6 and IPv4), the loser is closed first. */
START_TEST(request_takes_the_connection_that_is_left_of_its_own)
{
    int loser, far;

    make_pair(&loser, &far);
    haul_sockets_remove(sockets, ours);
    haul_sockets_add(sockets, loser, &other_owner);
    haul_sockets_add(sockets, ours, &owner);
    haul_sockets_remove(sockets, loser);
    ck_assert_int_eq(answer_once(HEAD), HAUL_ANSWER_ALONE);
    send_bytes(1);
    ck_assert(!may_begin_later());
    (void)close(loser);
    (void)close(far);
}
END_TEST

START_TEST(unknown_connections_are_trusted)
{
    struct haul_answer answer = {.id = OTHER_ID, .route = OTHER, .bytes = HEAD};

    ck_assert(haul_sockets_begin(sockets, OTHER_ID, &other_owner));
    ck_assert_int_eq(haul_sockets_end(sockets, &answer), HAUL_ANSWER_ALONE);
    haul_sockets_remove(sockets, peer);
    ck_assert(may_begin());
}
END_TEST

START_TEST(spoiled_connection_is_shut_down_and_its_origin_remembered)
{
    struct haul_answer answer = answer_of(HEAD);

    ck_assert(may_begin());
    haul_sockets_spoil(sockets, &answer);
    ck_assert(!is_open());
    ck_assert(is_dirty());
    ck_assert(!haul_sockets_is_dirty(sockets, OTHER));
}
END_TEST

START_TEST(oldest_of_too_many_origins_is_forgotten)
{
    for (uint64_t i = 1; i <= MANY; i++)
        haul_sockets_spoil(sockets, &(struct haul_answer){.id = OTHER_ID, .route = i});
    ck_assert(haul_sockets_is_dirty(sockets, MANY));
    ck_assert(haul_sockets_is_dirty(sockets, MANY - 255));
    ck_assert(!haul_sockets_is_dirty(sockets, MANY - 256));
}
END_TEST

/* ---- requests that share a connection ---- */

START_TEST(broken_connection_is_shut_down_at_once)
{
    ck_assert(may_begin() && may_begin());
    haul_sockets_distrust(sockets, ID, true);
    ck_assert(!is_open());
    ck_assert(!may_begin());
}
END_TEST

START_TEST(silent_connection_serves_out_those_under_way_and_no_others)
{
    ck_assert(may_begin() && may_begin());
    haul_sockets_distrust(sockets, ID, false);
    ck_assert(!may_begin());
    haul_sockets_leave(sockets, ID);
    ck_assert(is_open());
    haul_sockets_leave(sockets, ID);
    ck_assert(!is_open());
}
END_TEST

static enum haul_fate fate_since(const struct haul_mark *mark)
{
    return haul_sockets_fate(sockets, ID, mark);
}

START_TEST(next_request_proves_that_a_connection_works)
{
    struct haul_mark mark;

    ck_assert(may_begin() && may_begin());
    mark = haul_sockets_mark(sockets, ID);
    haul_sockets_leave(sockets, ID);
    ck_assert_int_eq(fate_since(&mark), HAUL_FATE_OPEN);
    ck_assert(may_begin());
    ck_assert_int_eq(fate_since(&mark), HAUL_FATE_WORKS);
}
END_TEST

START_TEST(body_proves_that_a_connection_works_only_when_it_goes_on)
{
    struct haul_mark mark;

    ck_assert(may_begin() && may_begin());
    mark = haul_sockets_mark(sockets, ID);
    haul_sockets_leave(sockets, ID);
    haul_sockets_note_body(sockets, ID);
    mark.ended_us -= 1000;
    ck_assert_int_eq(fate_since(&mark), HAUL_FATE_OPEN);
    mark.ended_us -= 1000000;
    ck_assert_int_eq(fate_since(&mark), HAUL_FATE_WORKS);
}
END_TEST

START_TEST(idle_connection_works_unless_it_is_at_its_end)
{
    struct haul_mark mark;

    ck_assert(may_begin());
    mark = haul_sockets_mark(sockets, ID);
    haul_sockets_leave(sockets, ID);
    ck_assert_int_eq(fate_since(&mark), HAUL_FATE_WORKS);
    (void)shutdown(peer, SHUT_WR);
    ck_assert_int_eq(fate_since(&mark), HAUL_FATE_GONE);
}
END_TEST

START_TEST(closed_or_distrusted_connection_is_gone)
{
    struct haul_mark mark;

    ck_assert(may_begin());
    mark = haul_sockets_mark(sockets, ID);
    send_bytes(1); /* what waits to be read is no sign of life */
    haul_sockets_distrust(sockets, ID, true);
    ck_assert_int_eq(fate_since(&mark), HAUL_FATE_OPEN);
    haul_sockets_leave(sockets, ID);
    ck_assert_int_eq(fate_since(&mark), HAUL_FATE_GONE);
    haul_sockets_remove(sockets, ours);
    ck_assert_int_eq(fate_since(&mark), HAUL_FATE_GONE);
}
END_TEST

START_TEST(freeing_closes_nothing)
{
    haul_sockets_free(sockets);
    haul_sockets_free(NULL);
    sockets = NULL;
    ck_assert(fcntl(ours, F_GETFD) >= 0);
    ck_assert(is_open());
}
END_TEST

static void add_tests(TCase *tcase)
{
    int rows = sizeof encrypted / sizeof *encrypted;

    tcase_add_test(tcase, answer_alone_leaves_the_connection_usable);
    tcase_add_test(tcase, bytes_behind_an_answer_are_surplus);
    tcase_add_test(tcase, bytes_that_nobody_was_given_are_lost);
    tcase_add_test(tcase, bytes_on_an_idle_connection_forbid_its_use);
    tcase_add_test(tcase, connection_is_not_looked_at_twice_in_a_round);
    tcase_add_test(tcase, end_on_an_idle_connection_forbids_its_use);
    tcase_add_test(tcase, goodbye_on_an_idle_connection_is_no_surplus);
    tcase_add_test(tcase, end_behind_an_answer_is_no_surplus);
    tcase_add_test(tcase, end_that_comes_behind_an_answer_while_haul_looks_is_no_surplus);
    tcase_add_test(tcase, end_that_comes_before_a_request_while_haul_looks_is_no_surplus);
    tcase_add_test(tcase, end_that_comes_while_a_connection_is_closed_is_no_surplus);
    tcase_add_test(tcase, answer_to_a_request_that_has_not_arrived_is_early);
    tcase_add_test(tcase, surplus_is_seen_though_the_connection_was_closed);
    tcase_add_test(tcase, closed_connection_without_surplus_is_clean);
    tcase_add_test(tcase, closed_connection_is_forgotten_after_the_turn);
    tcase_add_test(tcase, encrypted_connection_closed_against_its_answer_had_surplus);
    tcase_add_loop_test(tcase, encrypted_bytes_on_an_idle_connection_forbid_its_use, 0, rows);
    tcase_add_loop_test(
        tcase, encrypted_bytes_behind_an_answer_are_surplus_if_too_many_for_a_goodbye, 0, rows);
    tcase_add_test(tcase, encrypted_bytes_behind_the_first_answer_are_no_surplus);
    tcase_add_test(tcase, shared_connection_is_never_looked_at);
    tcase_add_test(tcase, request_takes_the_connection_that_is_left_of_its_own);
    tcase_add_test(tcase, unknown_connections_are_trusted);
    tcase_add_test(tcase, spoiled_connection_is_shut_down_and_its_origin_remembered);
    tcase_add_test(tcase, oldest_of_too_many_origins_is_forgotten);
    tcase_add_test(tcase, broken_connection_is_shut_down_at_once);
    tcase_add_test(tcase, silent_connection_serves_out_those_under_way_and_no_others);
    tcase_add_test(tcase, next_request_proves_that_a_connection_works);
    tcase_add_test(tcase, body_proves_that_a_connection_works_only_when_it_goes_on);
    tcase_add_test(tcase, idle_connection_works_unless_it_is_at_its_end);
    tcase_add_test(tcase, closed_or_distrusted_connection_is_gone);
    tcase_add_test(tcase, freeing_closes_nothing);
}

int main(void)
{
    Suite *suite = suite_create("sockets");
    TCase *tcase = tcase_create("sockets");
    SRunner *runner = srunner_create(suite);
    int failures;

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    add_tests(tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
