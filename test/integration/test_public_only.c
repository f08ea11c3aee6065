/* unshare */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "servers.h"

/*
 * What --public-only refuses though its address is public: this machine's own, in a name space of
 * its own, where it may be given any; and the metadata services of clouds by their names.
 */

enum { NO_NAMESPACE = 77 };

static const char own_4[] = "9.9.9.9", own_6[] = "2620:fe::fe";

/* As netdevice(7) and ipv6(7) have it; the system's header for it does not go with in.h. */
struct in6_request {
    struct in6_addr address;
    uint32_t prefix_len;
    int index;
};

static bool give_address_4(int fd)
{
    struct ifreq request = {.ifr_name = "lo:1"};
    struct sockaddr_in address = {.sin_family = AF_INET};

    if (inet_pton(AF_INET, own_4, &address.sin_addr) != 1)
        return false;
    memcpy(&request.ifr_addr, &address, sizeof address);
    return ioctl(fd, SIOCSIFADDR, &request) == 0;
}

static bool raise_loopback(int fd)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING};

    return ioctl(fd, SIOCSIFFLAGS, &request) == 0;
}

static bool give_address_6(void)
{
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct in6_request request = {.prefix_len = 128, .index = (int)if_nametoindex("lo")};
    bool given = fd >= 0 && inet_pton(AF_INET6, own_6, &request.address) == 1 &&
                 ioctl(fd, SIOCSIFADDR, &request) == 0;

    if (fd >= 0)
        close(fd);
    return given;
}

static void enter_own_net(void)
{
    int fd;

    if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
        _exit(NO_NAMESPACE);
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || !raise_loopback(fd) || !give_address_4(fd) || !give_address_6())
        _exit(NO_NAMESPACE);
    close(fd);
}

/* Nobody listens there: what is tried is refused by the system, or leads nowhere. */
static const struct {
    const char *host, *verdict;
} hosts[] = {
    {"9.9.9.9", "failed address"},
    {"[::ffff:9.9.9.9]", "failed address"},
    {"[64:ff9b::9.9.9.9]", "failed address"},
    {"[2002:909:909::1]", "failed address"},
    {"[2620:fe::fe]", "failed address"},
    {"own.test", "failed address"},
    {"9.9.9.10", "failed connect"},
    {"[2620:fe::fd]", "failed connect"},
};

START_TEST(own_public_address_is_refused)
{
    const char *url = it_text("http://%s:81/", hosts[_i].host);
    struct it_run run =
        it_call(&(struct it_call){.argv = IT_ARGS("--public-only", "--retry", "0", "--resolve",
                                                  "own.test:81:9.9.9.9", "--format", "jsonl", url),
                                  .prepare = enter_own_net});

    if (run.status == NO_NAMESPACE) {
        (void)fputs("no network of one's own can be had here: NOTHING IS TESTED HERE\n", stderr);
        return;
    }
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), hosts[_i].verdict);
}
END_TEST

/* Who says what may be connected to has said it; and without the option nothing is refused. */
START_TEST(own_public_address_that_is_allowed_is_tried)
{
    static const char *const options[][2] = {{"--allow-net", "9.9.9.9"}, {"-q", "-q"}};
    struct it_run run = it_call(&(struct it_call){
        .argv = IT_ARGS(_i ? "-q" : "--public-only", options[_i][0], options[_i][1], "--retry", "0",
                        "--format", "jsonl", "http://9.9.9.9:81/"),
        .prepare = enter_own_net});

    if (run.status == NO_NAMESPACE) {
        (void)fputs("no network of one's own can be had here: NOTHING IS TESTED HERE\n", stderr);
        return;
    }
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "failed connect");
}
END_TEST

/* ---- names ---- */

static const char *const names[] = {"metadata.google.internal",
                                    "METADATA.google.Internal.",
                                    "metadata.goog",
                                    "instance-data.ec2.internal",
                                    "metadata",
                                    "metadata.goog."};
enum { NAMES = sizeof names / sizeof *names };

/* Whatever they stand for: here, an address that would lead nowhere. */
START_TEST(metadata_service_is_refused_by_name)
{
    struct it_run run =
        it_call(&(struct it_call){.argv = IT_ARGS("--public-only", "--retry", "0", "--resolve",
                                                  it_text("%s:81:9.9.9.10", names[_i]), "--format",
                                                  "jsonl", it_text("http://%s:81/", names[_i])),
                                  .prepare = enter_own_net});

    if (run.status == NO_NAMESPACE) {
        (void)fputs("no network of one's own can be had here: NOTHING IS TESTED HERE\n", stderr);
        return;
    }
    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "failed address");
}
END_TEST

/* ---- loopback in other spellings ---- */

static const char *const denied[] = {"127.0.0.0/8", "127.0.0.1", "::ffff:127.0.0.0/104",
                                     "::127.0.0.0/104"};
static const char *const spelled[] = {
    "127.0.0.1", "0.0.0.0", "[::]", "[::ffff:127.0.0.1]", "[::ffff:0.0.0.0]",
    /* and as they are written to get around it */
    "127.0.0.1.", "127.1.", "0x7f.1", "2130706433.", "%31%32%37.0.0.1", "%31%32%37%2e1%2E",
    "\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1",
    "\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97\xe3\x80\x82\x31\xe3\x80\x82", "localhost", "LOCAL%68OST",
    "\xe2\x93\x9bocalhost"};
enum { DENIED = sizeof denied / sizeof *denied, SPELLED = sizeof spelled / sizeof *spelled };

START_TEST(denied_loopback_is_denied_in_each_spelling)
{
    const char *url = it_text("http://%s:%d/size?n=1", spelled[_i % SPELLED], it_port("http"));
    struct it_run run = it_haul(
        IT_ARGS("--deny-net", denied[_i / SPELLED], "--retry", "0", "--format", "jsonl", url));

    ck_assert_str_eq(it_verdict(json_array_get(it_rows(run.out), 0)), "failed address");
    ck_assert_int_eq(it_stat("requests"), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("public_only");
    TCase *tcase = tcase_create("public_only");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, own_public_address_is_refused, 0,
                        (int)(sizeof hosts / sizeof *hosts));
    tcase_add_loop_test(tcase, own_public_address_that_is_allowed_is_tried, 0, 2);
    tcase_add_loop_test(tcase, metadata_service_is_refused_by_name, 0, NAMES);
    tcase_add_loop_test(tcase, denied_loopback_is_denied_in_each_spelling, 0, DENIED * SPELLED);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
