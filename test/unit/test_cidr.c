#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/un.h>

#include "base/cidr.h"

/* A socket address of either family. */
union any_address {
    struct sockaddr sa;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
};

static const struct sockaddr *to_sockaddr(const char *text, union any_address *address)
{
    memset(address, 0, sizeof *address);
    if (strchr(text, ':')) {
        address->in6.sin6_family = AF_INET6;
        address->in6.sin6_port = htons(80);
        ck_assert_msg(inet_pton(AF_INET6, text, &address->in6.sin6_addr) == 1, "%s", text);
    } else {
        address->in.sin_family = AF_INET;
        address->in.sin_port = htons(80);
        ck_assert_msg(inet_pton(AF_INET, text, &address->in.sin_addr) == 1, "%s", text);
    }
    return &address->sa;
}

static bool is_permitted(bool public_only, const char *denied, const struct sockaddr *address)
{
    struct haul_strings none = {.count = 0}, deny = {.item = &denied, .count = denied != NULL};
    struct haul_address_filter *filter;
    const char *cause;
    bool permitted;

    ck_assert_int_eq(haul_address_filter_create(&filter, public_only, &none, &deny, &cause),
                     HAUL_OK);
    permitted = haul_address_filter_permits(filter, address);
    haul_address_filter_free(filter);
    return permitted;
}

static const struct parse_case {
    const char *text;
    enum haul_err err;
    int family, bits;
} parse_cases[] = {
    {"192.0.2.0/24", HAUL_OK, AF_INET, 24},
    {"192.0.2.1", HAUL_OK, AF_INET, 32},
    {"192.0.2.1/32", HAUL_OK, AF_INET, 32},
    {"0.0.0.0/0", HAUL_OK, AF_INET, 0},
    {"192.0.2.128/25", HAUL_OK, AF_INET, 25},
    {"2001:db8::/32", HAUL_OK, AF_INET6, 32},
    {"::1", HAUL_OK, AF_INET6, 128},
    {"::/0", HAUL_OK, AF_INET6, 0},
    {"::ffff:10.0.0.0/104", HAUL_OK, AF_INET6, 104},
    {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128", HAUL_OK, AF_INET6, 128},
    {"192.0.2.1/24", HAUL_ERR_RANGE, 0, 0},
    {"192.0.2.128/24", HAUL_ERR_RANGE, 0, 0},
    {"192.0.2.0/33", HAUL_ERR_RANGE, 0, 0},
    {"192.0.2.0/99999999999999999999", HAUL_ERR_RANGE, 0, 0},
    {"0.0.0.1/0", HAUL_ERR_RANGE, 0, 0},
    {"2001:db8::1/32", HAUL_ERR_RANGE, 0, 0},
    {"2001:db8::/129", HAUL_ERR_RANGE, 0, 0},
    {"2001:db8:8000::/32", HAUL_ERR_RANGE, 0, 0},
    {"", HAUL_ERR_SYNTAX, 0, 0},
    {"/8", HAUL_ERR_SYNTAX, 0, 0},
    {"10/8", HAUL_ERR_SYNTAX, 0, 0},
    {"10.0.0.0/", HAUL_ERR_SYNTAX, 0, 0},
    {"10.0.0.0/-0", HAUL_ERR_SYNTAX, 0, 0},
    {"10.0.0.0/8/8", HAUL_ERR_SYNTAX, 0, 0},
    {"10.0.0.0/8 ", HAUL_ERR_SYNTAX, 0, 0},
    {"10.0.0.0/255.0.0.0", HAUL_ERR_SYNTAX, 0, 0},
    {" 10.0.0.0/8", HAUL_ERR_SYNTAX, 0, 0},
    {"010.0.0.0/8", HAUL_ERR_SYNTAX, 0, 0},
    {"256.0.0.0/8", HAUL_ERR_SYNTAX, 0, 0},
    {"[::1]", HAUL_ERR_SYNTAX, 0, 0},
    {"fe80::1%eth0", HAUL_ERR_SYNTAX, 0, 0},
    {"localhost", HAUL_ERR_SYNTAX, 0, 0},
    {"0000000000000000000000000000000000000000000000000000::1", HAUL_ERR_SYNTAX, 0, 0},
};

START_TEST(block_is_read_or_refused)
{
    const struct parse_case *wanted = &parse_cases[_i];
    struct haul_cidr block = {.bits = -77};
    const char *cause = NULL;
    enum haul_err err = haul_cidr_parse(wanted->text, &block, &cause);

    ck_assert_msg(err == wanted->err, "\"%s\" gave %d", wanted->text, (int)err);
    ck_assert_int_eq(cause != NULL, err != HAUL_OK);
    ck_assert_int_eq(block.bits, err ? -77 : wanted->bits);
    if (!err)
        ck_assert_int_eq(block.family, wanted->family);
}
END_TEST

START_TEST(bits_beyond_the_prefix_are_named)
{
    struct haul_cidr block;
    const char *cause = "";

    ck_assert_int_eq(haul_cidr_parse("10.0.0.1/8", &block, &cause), HAUL_ERR_RANGE);
    ck_assert_str_eq(cause, "bits are set beyond the prefix");
}
END_TEST

static const struct contains_case {
    const char *block, *address;
    bool inside;
} contains_cases[] = {
    {"192.0.2.0/24", "192.0.2.0", true},
    {"192.0.2.0/24", "192.0.2.255", true},
    {"192.0.2.0/24", "192.0.3.0", false},
    {"192.0.2.0/24", "192.0.1.255", false},
    {"172.16.0.0/12", "172.31.255.255", true},
    {"172.16.0.0/12", "172.32.0.0", false},
    {"192.0.2.1", "192.0.2.1", true},
    {"192.0.2.1", "192.0.2.0", false},
    {"128.0.0.0/1", "255.0.0.1", true},
    {"128.0.0.0/1", "127.255.255.255", false},
    {"0.0.0.0/0", "203.0.113.7", true},
    {"0.0.0.0/0", "2001:db8::1", false},
    {"::/0", "2001:db8::1", true},
    {"::/0", "192.0.2.1", false},
    {"2001:db8::/33", "2001:db8:7fff::1", true},
    {"2001:db8::/33", "2001:db8:8000::1", false},
    {"10.0.0.0/8", "::ffff:10.1.2.3", true},
    {"10.0.0.0/8", "::ffff:11.1.2.3", false},
    {"10.0.0.0/8", "64:ff9b::10.1.2.3", true},
    {"10.0.0.0/8", "64:ff9b:1::10.1.2.3", false},
    {"10.0.0.0/8", "2002:0a01:0203::1", true},
    {"10.0.0.0/8", "2002:0b01:0203::1", false},
    {"2002::/16", "2002:0a01:0203::1", true},
    {"::ffff:0:0/96", "::ffff:10.1.2.3", true},
    {"::ffff:0:0/96", "10.1.2.3", false},
};

START_TEST(block_holds_its_addresses_and_no_others)
{
    const struct contains_case *wanted = &contains_cases[_i];
    union any_address address;

    ck_assert_msg(is_permitted(false, wanted->block, to_sockaddr(wanted->address, &address)) !=
                      wanted->inside,
                  "%s in %s", wanted->address, wanted->block);
}
END_TEST

/* The first and the last address of each block that is not public, and its neighbours. */
static const char *const public_addresses[] = {
    "1.0.0.0",          "9.255.255.255",
    "11.0.0.0",         "100.63.255.255",
    "100.128.0.0",      "126.255.255.255",
    "128.0.0.0",        "169.253.255.255",
    "169.255.0.0",      "172.15.255.255",
    "172.32.0.0",       "191.255.255.255",
    "192.0.1.0",        "192.0.3.0",
    "192.31.196.1",     "192.52.193.1",
    "192.88.98.255",    "192.88.100.0",
    "192.167.255.255",  "192.169.0.0",
    "192.175.48.1",     "198.17.255.255",
    "198.20.0.0",       "198.51.99.255",
    "198.51.101.0",     "203.0.112.255",
    "203.0.114.0",      "223.255.255.255",
    "8.8.8.8",          "2000::",
    "2001:200::1",      "2001:db7:ffff::1",
    "2001:db9::1",      "2001:4860:4860::8888",
    "2003::1",          "2606:2800:220:1:248:1893:25c8:1946",
    "2620:4f:8000::1",  "3ffe:ffff::1",
    "3fff:1000::1",     "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8", "2002:0808:0808::1",
};

static const char *const other_addresses[] = {
    "0.0.0.0",
    "0.255.255.255",
    "10.0.0.0",
    "10.255.255.255",
    "100.64.0.0",
    "100.127.255.255",
    "127.0.0.0",
    "127.0.0.1",
    "127.255.255.255",
    "168.63.129.16",
    "169.254.0.0",
    "169.254.169.254",
    "169.254.255.255",
    "172.16.0.0",
    "172.31.255.255",
    "192.0.0.0",
    "192.0.0.9",
    "192.0.0.170",
    "192.0.0.255",
    "192.0.2.0",
    "192.0.2.255",
    "192.88.99.1",
    "192.168.0.0",
    "192.168.255.255",
    "198.18.0.0",
    "198.19.255.255",
    "198.51.100.0",
    "198.51.100.255",
    "203.0.113.0",
    "203.0.113.255",
    "224.0.0.0",
    "239.255.255.255",
    "240.0.0.0",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "64:ff9b:1::1",
    "100::1",
    "100:0:0:1::1",
    "1fff:ffff::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:10::1",
    "2001:1ff:ffff::1",
    "2001:db8::",
    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    "3fff::1",
    "3fff:fff:ffff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fdff:ffff::1",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::10.0.0.1",
    "64:ff9b::192.168.1.1",
    "2002:7f00:0001::1",
    "2002:a9fe:a9fe::1",
    /* where clouds tell what a machine may do */
    "100.100.100.200",
    "192.0.0.192",
    "fd20:ce::254",
    "fd00:42::42",
    "::ffff:168.63.129.16",
    "64:ff9b::168.63.129.16",
    "64:ff9b::169.254.169.254",
    "2002:a83f:8110::1",
    "2001:0:1:1::57c0:7eef",
};

START_TEST(public_address_is_public)
{
    union any_address address;

    ck_assert_msg(is_permitted(true, NULL, to_sockaddr(public_addresses[_i], &address)), "%s",
                  public_addresses[_i]);
}
END_TEST

START_TEST(other_address_is_not_public)
{
    union any_address address;

    ck_assert_msg(!is_permitted(true, NULL, to_sockaddr(other_addresses[_i], &address)), "%s",
                  other_addresses[_i]);
}
END_TEST

enum { LIST_MAX = 3 };

static const struct filter_case {
    bool public_only;
    const char *allow[LIST_MAX], *deny[LIST_MAX];
    const char *address;
    bool permitted;
} filter_cases[] = {
    {true, {NULL}, {NULL}, "8.8.8.8", true},
    {true, {NULL}, {NULL}, "10.0.0.1", false},
    {true, {NULL}, {NULL}, "::ffff:10.0.0.1", false},
    {true, {"10.0.0.0/8"}, {NULL}, "10.0.0.1", true},
    {true, {"10.0.0.0/8"}, {NULL}, "8.8.8.8", false},
    {true, {"10.0.0.0/8"}, {"10.0.0.0/24"}, "10.0.0.1", false},
    {true, {"10.0.0.0/8"}, {"10.0.0.0/24"}, "10.0.1.1", true},
    {true, {NULL}, {"8.8.8.0/24"}, "8.8.8.8", false},
    {false, {NULL}, {"8.8.8.0/24"}, "10.0.0.1", true},
    {false, {NULL}, {"8.8.8.0/24", "10.0.0.0/8"}, "10.0.0.1", false},
    {false, {NULL}, {"10.0.0.0/8"}, "::ffff:10.0.0.1", false},
    {false, {NULL}, {"10.0.0.0/8"}, "64:ff9b::10.0.0.1", false},
    {false, {NULL}, {"10.0.0.0/8"}, "2002:a00:1::", false},
    {false, {NULL}, {"::/0"}, "64:ff9b::8.8.8.8", false},
    {false, {NULL}, {"::/0"}, "8.8.8.8", true},
    {false, {"10.0.0.0/8"}, {NULL}, "::ffff:10.0.0.1", true},
    {false, {"::/0"}, {NULL}, "2001:db8::1", true},
    {false, {"::/0"}, {NULL}, "::ffff:10.0.0.1", false},
    {false, {"::/0", "10.0.0.0/8"}, {NULL}, "::ffff:10.0.0.1", true},
    {false, {"2000::/3"}, {NULL}, "2002:7f00:1::", false},
    {false, {"64:ff9b::/96"}, {NULL}, "64:ff9b::10.0.0.1", true},
    {false, {"2002:a00::/24"}, {NULL}, "2002:a00:1::", true},
    /* the system connects "this host" to loopback */
    {false, {NULL}, {"127.0.0.0/8"}, "0.0.0.0", false},
    {false, {NULL}, {"127.0.0.0/8"}, "0.1.2.3", false},
    {false, {NULL}, {"127.0.0.1"}, "0.0.0.0", false},
    {false, {NULL}, {"127.0.0.2"}, "0.0.0.0", true},
    {false, {NULL}, {"127.0.0.0/8"}, "::", false},
    {false, {NULL}, {"127.0.0.0/8"}, "::1", true},
    {false, {NULL}, {"::1"}, "::", false},
    {false, {NULL}, {"::1"}, "127.0.0.1", true},
    {false, {NULL}, {"127.0.0.0/8"}, "::127.0.0.1", false},
    {false, {NULL}, {"127.0.0.0/8"}, "::ffff:127.0.0.1", false},
    {false, {NULL}, {"127.0.0.0/8"}, "::ffff:0.0.0.0", false},
    {false, {NULL}, {"127.0.0.0/8"}, "::ffff:0:127.0.0.1", false},
    {false, {NULL}, {"127.0.0.0/8"}, "64:ff9b::127.0.0.1", false},
    {false, {NULL}, {"127.0.0.0/8"}, "64:ff9b::", false},
    {false, {NULL}, {"127.0.0.0/8"}, "2002:7f00:1::", false},
    {false, {NULL}, {"127.0.0.0/8"}, "2001:0:1:1::80ff:fffe", false},
    {false, {NULL}, {"10.0.0.0/8"}, "0.0.0.0", true},
    {false, {NULL}, {"10.0.0.0/8"}, "::", true},
    {false, {NULL}, {"0.0.0.0"}, "127.0.0.1", false},
    {false, {NULL}, {"0.0.0.0/8"}, "127.0.0.1", false},
    {false, {NULL}, {"0.0.0.0/8"}, "127.0.0.2", true},
    {false, {NULL}, {"0.0.0.0/8"}, "::ffff:0.0.0.0", false},
    {false, {NULL}, {"::"}, "::1", false},
    {false, {NULL}, {"::"}, "2001:db8::1", true},
    {false, {"127.0.0.0/8"}, {NULL}, "0.0.0.0", true},
    {false, {"127.0.0.0/8"}, {NULL}, "::", false},
    {false, {"127.0.0.0/8"}, {NULL}, "::127.0.0.1", false},
    {false, {"::1"}, {NULL}, "::", true},
    {false, {"0.0.0.0"}, {NULL}, "127.0.0.1", true},
    {false, {"10.0.0.0/8"}, {NULL}, "0.0.0.0", false},
    {false, {"::/0"}, {NULL}, "::", true},
    {false, {"::/0"}, {NULL}, "::10.0.0.1", true},
    /* a block in the other family's spelling is that block */
    {false, {NULL}, {"::ffff:127.0.0.0/104"}, "127.0.0.1", false},
    {false, {NULL}, {"::ffff:127.0.0.0/104"}, "::ffff:127.0.0.1", false},
    {false, {NULL}, {"::ffff:127.0.0.0/104"}, "0.0.0.0", false},
    {false, {NULL}, {"::ffff:127.0.0.0/104"}, "128.0.0.1", true},
    {false, {NULL}, {"::ffff:0.0.0.0"}, "127.0.0.1", false},
    {false, {NULL}, {"::127.0.0.0/104"}, "127.0.0.1", false},
    {false, {NULL}, {"::ffff:10.0.0.0/104"}, "2002:a00:1::", false},
    {false, {"::ffff:10.0.0.0/104"}, {NULL}, "10.0.0.1", true},
    {false, {"::ffff:10.0.0.0/104"}, {NULL}, "11.0.0.1", false},
    {false, {"::10.0.0.0/104"}, {NULL}, "10.0.0.1", false},
    {false, {"192.0.2.1", "192.0.2.3"}, {NULL}, "192.0.2.3", true},
    {false, {"192.0.2.1", "192.0.2.3"}, {NULL}, "192.0.2.2", false},
};

static struct haul_strings as_list(const char *const item[LIST_MAX], const char *copy[LIST_MAX])
{
    struct haul_strings list = {.item = copy};

    while (list.count < LIST_MAX && item[list.count]) {
        copy[list.count] = item[list.count];
        list.count++;
    }
    return list;
}

START_TEST(deny_goes_before_allow_and_allow_before_public)
{
    const struct filter_case *wanted = &filter_cases[_i];
    const char *allowed[LIST_MAX], *denied[LIST_MAX], *cause;
    struct haul_strings allow = as_list(wanted->allow, allowed);
    struct haul_strings deny = as_list(wanted->deny, denied);
    struct haul_address_filter *filter;
    union any_address address;

    ck_assert_int_eq(
        haul_address_filter_create(&filter, wanted->public_only, &allow, &deny, &cause), HAUL_OK);
    ck_assert_ptr_nonnull(filter);
    ck_assert_int_eq(haul_address_filter_permits(filter, to_sockaddr(wanted->address, &address)),
                     wanted->permitted);
    haul_address_filter_free(filter);
}
END_TEST

static const struct {
    const char *address, *inside;
} insides[] = {
    {"8.8.8.8", NULL},
    {"2001:4860:4860::8888", NULL},
    {"::1", NULL},
    {"::ffff:8.8.8.8", "8.8.8.8"},
    {"64:ff9b::8.8.8.8", "8.8.8.8"},
    {"2002:808:808::1", "8.8.8.8"},
    {"::8.8.8.8", "8.8.8.8"},
    {"2001:0:1:1::f7f7:f7f7", "8.8.8.8"},
};

START_TEST(address_inside_is_found)
{
    char text[INET_ADDRSTRLEN] = "";
    union any_address address;
    struct sockaddr_in inside;
    bool found = haul_address_inside(to_sockaddr(insides[_i].address, &address), &inside);

    ck_assert_int_eq(found, insides[_i].inside != NULL);
    if (found)
        ck_assert_str_eq(inet_ntop(AF_INET, &inside.sin_addr, text, sizeof text),
                         insides[_i].inside);
}
END_TEST

START_TEST(public_only_is_told_from_what_goes_before_it)
{
    const char *net = "10.0.0.0/8", *cause;
    struct haul_strings one = {.item = &net, .count = 1}, none = {.count = 0};
    struct haul_address_filter *filter;

    ck_assert(!haul_address_filter_is_public_only(NULL));
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(
            haul_address_filter_create(&filter, i & 1, i & 2 ? &one : &none, &one, &cause),
            HAUL_OK);
        ck_assert_int_eq(haul_address_filter_is_public_only(filter), i == 1);
        haul_address_filter_free(filter);
    }
}
END_TEST

START_TEST(nothing_to_filter_is_null_and_permits_all)
{
    struct haul_strings none = {.count = 0};
    struct haul_address_filter *filter;
    union any_address address;
    const char *cause;

    ck_assert_int_eq(haul_address_filter_create(&filter, false, &none, &none, &cause), HAUL_OK);
    ck_assert_ptr_null(filter);
    ck_assert(haul_address_filter_permits(NULL, to_sockaddr("127.0.0.1", &address)));
    haul_address_filter_free(NULL);
}
END_TEST

START_TEST(wrong_block_makes_no_filter)
{
    const char *items[] = {"10.0.0.0/8", "10.0.0.1/8"}, *cause = NULL;
    struct haul_strings bad = {.item = items, .count = 2}, none = {.count = 0};
    struct haul_address_filter *filter;

    ck_assert_int_eq(haul_address_filter_create(&filter, false, &bad, &none, &cause),
                     HAUL_ERR_RANGE);
    ck_assert_ptr_null(filter);
    ck_assert_str_eq(cause, "bits are set beyond the prefix");
    ck_assert_int_eq(haul_address_filter_create(&filter, true, &none, &bad, &cause),
                     HAUL_ERR_RANGE);
    ck_assert_ptr_null(filter);
}
END_TEST

START_TEST(address_of_another_family_is_refused)
{
    union any_address address = {.un = {.sun_family = AF_UNIX, .sun_path = "/run/docker.sock"}};

    ck_assert(!is_permitted(false, "::/0", &address.sa));
    ck_assert(!is_permitted(true, NULL, &address.sa));
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

int main(void)
{
    Suite *suite = suite_create("cidr");
    TCase *block = tcase_create("block");
    TCase *filter = tcase_create("filter");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(block, block_is_read_or_refused, 0, COUNT(parse_cases));
    tcase_add_test(block, bits_beyond_the_prefix_are_named);
    tcase_add_loop_test(block, block_holds_its_addresses_and_no_others, 0, COUNT(contains_cases));
    tcase_add_loop_test(block, public_address_is_public, 0, COUNT(public_addresses));
    tcase_add_loop_test(block, other_address_is_not_public, 0, COUNT(other_addresses));
    tcase_add_loop_test(filter, deny_goes_before_allow_and_allow_before_public, 0,
                        COUNT(filter_cases));
    tcase_add_loop_test(filter, address_inside_is_found, 0, COUNT(insides));
    tcase_add_test(filter, public_only_is_told_from_what_goes_before_it);
    tcase_add_test(filter, nothing_to_filter_is_null_and_permits_all);
    tcase_add_test(filter, wrong_block_makes_no_filter);
    tcase_add_test(filter, address_of_another_family_is_refused);
    suite_add_tcase(suite, block);
    suite_add_tcase(suite, filter);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
