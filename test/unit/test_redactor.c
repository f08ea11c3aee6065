#include <check.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail_alloc.h"
#include "redactor_rules.h"

static void check_applied(const struct haul_redactor *redactor, const char *text, size_t len,
                          const char *wanted, size_t wanted_len)
{
    struct haul_buf out;

    haul_buf_init(&out, 0);
    haul_buf_add_str(&out, "before ");
    haul_redactor_apply(redactor, text, len, &out);
    ck_assert_int_eq(out.err, HAUL_OK);
    haul_buf_consume(&out, strlen("before "));
    ck_assert_msg(out.len == wanted_len && !memcmp(haul_buf_str(&out), wanted, wanted_len),
                  "\"%.200s\" became \"%.200s\"", text, haul_buf_str(&out));
    haul_buf_done(&out);
}

static const struct apply_case {
    const char *rule[REDACTOR_RULES_MAX];
    const char *text, *wanted;
} apply_cases[] = {
    /* where a parameter is */
    {{"token"}, "http://h/?token=abc", "http://h/?token=***"},
    {{"token"}, "http://h/?a=1&token=abc&b=2", "http://h/?a=1&token=***&b=2"},
    {{"token"}, "http://h/?a=1;token=abc;b=2", "http://h/?a=1;token=***;b=2"},
    {{"token"}, "http://h/#token=abc&b=2", "http://h/#token=***&b=2"},
    {{"token"}, "http://h/#/route?token=abc", "http://h/#/route?token=***"},
    {{"token"}, "http://h/?token=abc#top", "http://h/?token=***#top"},
    {{"token"}, "http://h/?token=a&token=b", "http://h/?token=***&token=***"},
    {{"token"}, "http://h/?next=http://i/?token=abc", "http://h/?next=http://i/?token=***"},
    {{"token"}, "http://h/;token=abc?b=2", "http://h/;token=***?b=2"},
    {{"token"}, "token=abc&b=2", "token=***&b=2"},
    {{"token"}, "redirect to /x?token=abc", "redirect to /x?token=***"},
    /* in a URL that is encoded in another one, however often up to three times */
    {{"token"},
     "http://h/?next=https%3A%2F%2Fi%2F%3Ftoken%3Dabc",
     "http://h/?next=https%3A%2F%2Fi%2F%3Ftoken%3D***"},
    {{"token"},
     "?next=i%3fa%3d1%26token%3dabc%26b%3d2&c=3",
     "?next=i%3fa%3d1%26token%3d***%26b%3d2&c=3"},
    {{"token"}, "?next=i%3Ftoken=abc&c=3", "?next=i%3Ftoken=***&c=3"},
    {{"token"}, "?next=i?token%3Dabc&c=3", "?next=i?token%3D***&c=3"},
    {{"token"},
     "?a=i%253Fn%253Di%25253ftoken%25253Dabc%252526d",
     "?a=i%253Fn%253Di%25253ftoken%25253D***%252526d"},
    {{"token"}, "?a=i%3Bjsessionid%3D1%3Btoken%3Dabc%3Fq", "?a=i%3Bjsessionid%3D1%3Btoken%3D***"},
    {{"token"}, "?a=i%23token%3Dabc%26b", "?a=i%23token%3D***%26b"},
    {{"token"}, "?%2574oken=abc&%74%256Fken=d", "?%2574oken=***&%74%256Fken=***"},
    {{"token"}, "?token=ab%26cd&%74oken=e%2526f", "?token=***&%74oken=***"},
    {{"token"}, "?a=%2525253Ftoken%2525253Dabc", "?a=%2525253Ftoken%2525253Dabc"}, /* the fourth */
    {{"/[0-9]{4}/"}, "a%31%32%33%34b%2531%2532%2533%2534", "a***b***"},
    {{"token"}, "?next=https://me:geheim@i/&a=1", "?next=https://***@i/&a=1"},
    {{"token"},
     "?next=https%3A%2F%2Fme%3Agehe%26im%40i%2F&a=1",
     "?next=https%3A%2F%2F***%40i%2F&a=1"},
    {{"/xyz/"},
     "?next=https%253A%252F%252Fme%2540i%252F&a=1",
     "?next=https%253A%252F%252F***%2540i%252F&a=1"},
    /* in what servers say */
    {{"token"}, "\"token=abc\"", "\"token=***"},
    {{"token"}, "text/plain; token=abc", "text/plain; token=***"},
    {{"token"}, "not allowed: token=abc", "not allowed: token=***"},
    {{"token"}, "?q=a+token=abc&b=1", "?q=a+token=***&b=1"},
    /* in a path, of a URL or of a file */
    {{"token"}, "http://h/token=abc", "http://h/token=***"},
    {{"token"}, "http://h/a/token=abc/b?c=1", "http://h/a/token=***/b?c=1"},
    {{"token"}, "http://h/a=1/token=abc/token=d", "http://h/a=1/token=***/token=***"},
    {{"token"}, "http://h/token=a=b/c", "http://h/token=***/c"},
    {{"token"}, "http://h/token=a;b/c=d", "http://h/token=***/c=d"},
    {{"token"}, "http://h/token=a;b=c/d", "http://h/token=***;b=c/d"},
    {{"token"}, "http://h/;token=a/b?c", "http://h/;token=***?c"},
    {{"token"}, "http://h/%2574oken%253Dabc/b", "http://h/%2574oken%253D***/b"},
    /* what is hidden already */
    {{"token"}, "/token%3D%2A%2A%2A/b?token=***", "/token%3D%2A%2A%2A/b?token=***"},
    {{"token"}, "?token=*%252a%2A&token=****", "?token=*%252a%2A&token=***"},
    {{"token"}, "?token=**%2B&token=%2A%2A%2", "?token=***&token=***"},
    {{"token"}, "http://h/a%2Ftoken%3Da/b", "http://h/a%2Ftoken%3D***/b"},
    {{"token"}, "http://h/?n=http://i/token=a/b&c=1", "http://h/?n=http://i/token=***&c=1"},
    {{"token"},
     "http://h/?n=http%3A%2F%2Fi%2Ftoken%3Da%2Fb&c=1",
     "http://h/?n=http%3A%2F%2Fi%2Ftoken%3D***&c=1"},
    {{"token"}, "http://h/#/token=a/b", "http://h/#/token=***"},
    {{"api key"}, "http://h/api%20key=abc/b", "http://h/api%20key=***/b"},
    {{"a[]"}, "http://h/a[]=abc/b", "http://h/a[]=***/b"},
    {{"token"}, "d/token=abc/..", "d/token=***/.."},
    {{"token"}, "/mytoken=abc/token2=d/token", "/mytoken=abc/token2=d/token"},
    /* userinfo of a URL in a query ends where the parameter does */
    {{"x"}, "?next=http://h&email=me@i&a=1&b=2@3", "?next=http://h&email=me@i&a=1&b=2@3"},
    {{"x"}, "?next=http://me:a@h&email=me@i", "?next=http://***@h&email=me@i"},
    {{"x"}, "?next=http%3A%2F%2Fh&email=me%40i", "?next=http%3A%2F%2Fh&email=me%40i"},
    {{"x"}, "%3Fnext=http%3A%2F%2Fh&email=me%40i", "%3Fnext=http%3A%2F%2Fh&email=me%40i"},
    {{"x"},
     "a%3Fnext%3Dhttp%3A%2F%2Fh%26email%3Dme%40i%262%403",
     "a%3Fnext%3Dhttp%3A%2F%2Fh%26email%3Dme%40i%262%403"},
    {{"x"},
     "?u=http%3A%2F%2Fi%2F%3Fn%3Dhttp%3A%2F%2Fh%26e%3Dme%40i&v=http://h&e=me@i",
     "?u=http%3A%2F%2Fi%2F%3Fn%3Dhttp%3A%2F%2Fh%26e%3Dme%40i&v=http://h&e=me@i"},
    {{"x"}, "?next=http%3A%2F%2Fme%26a%40h&b", "?next=http%3A%2F%2F***%40h&b"},
    {{"x"}, "http://h/http://me:a&b@i/", "http://h/http://***@i/"},
    {{"x"}, "why? see http://me:a&b@i/", "why? see http://***@i/"},
    /* what is none */
    {{"token"}, "http://h/?mytoken=abc&token2=d&to=e", "http://h/?mytoken=abc&token2=d&to=e"},
    {{"token"}, "http://h/?token", "http://h/?token"},
    {{"token"}, "http://h/?token&b=2", "http://h/?token&b=2"},
    {{"token"}, "http://h/?token=", "http://h/?token="},
    {{"token"}, "http://h/?token=&b=2", "http://h/?token=&b=2"},
    {{"token"}, "http://h/?a=token=abc", "http://h/?a=token=abc"},
    {{"token"}, "", ""},
    /* how a name is compared */
    {{"token"}, "?TOKEN=abc", "?TOKEN=***"},
    {{"Token"}, "?tOKEN=abc", "?tOKEN=***"},
    {{"token"}, "?t%6fken=abc&%54oken=d", "?t%6fken=***&%54oken=***"},
    {{"token"}, "?t%6ken=abc&token%=d&token%6=e", "?t%6ken=abc&token%=d&token%6=e"},
    {{"api key"}, "?api+key=abc&api%20key=d", "?api+key=***&api%20key=***"},
    {{"a+b"}, "?a+b=abc&a%2Bb=d&a b=e", "?a+b=***&a%2Bb=***&a b=e"},
    {{"cl\xc3\xa9"}, "?cl%C3%A9=abc", "?cl%C3%A9=***"},
    /* where a value ends */
    {{"token"}, "?token=abc;def&b=2", "?token=***&b=2"},
    {{"token"}, "?token=abc;;def;b=2", "?token=***;b=2"},
    {{"token"}, "?token=abc=?/def&b=2", "?token=***&b=2"},
    {{"token"}, "#token=abc#def&b=2", "#token=***&b=2"},
    {{"token"}, "#a?token=abc#def&b=2", "#a?token=***&b=2"},
    {{"token"}, "?token=a b\xff\n&b=2", "?token=***&b=2"},
    {{"token"}, "?token=;b=2", "?token=;b=2"},
    /* expressions */
    {{"/[0-9]{4}/"}, "a1234b123456789", "a***b***9"},
    {{"/[0-9]{4}/"}, "1234x", "***x"},
    {{"/^a/"}, "aaa", "***aa"},
    {{"/a$/"}, "aaa", "aa***"},
    {{"/x*/"}, "axxb", "a***b"},
    {{"/x*/"}, "ab", "ab"},
    {{"/A/"}, "aA", "a***"},
    {{"/a/b/"}, "xa/by", "x***y"},
    {{"/.*/"}, "any\nthing", "***"},
    {{"/secret=[^&]*/"},
     "?secret=a\xff"
     "b&c",
     "?***&c"},
    /* several rules, each of which sees the text as it was */
    {{"id", "token"}, "?id=1&token=2&x=3", "?id=***&token=***&x=3"},
    {{"token", "/id=[0-9]+&token=[a-z]+/"}, "?id=12&token=abc&x=3", "?***&x=3"},
    {{"/ab/", "/bc/"}, "xabcx", "x***x"},
    {{"token", "/x/"}, "?token=x&x", "?token=***&***"},
};

START_TEST(named_parts_are_hidden_and_no_others)
{
    const struct apply_case *wanted = &apply_cases[_i];
    struct haul_redactor *redactor = make_redactor(wanted->rule);

    check_applied(redactor, wanted->text, strlen(wanted->text), wanted->wanted,
                  strlen(wanted->wanted));
    haul_redactor_free(redactor);
}
END_TEST

/* What versions hid that looked at one level only: names of their files are found with it. */
static const struct apply_case earlier_cases[] = {
    {{"token"}, "http://h/?a=1&token=abc&b=2", "http://h/?a=1&token=***&b=2"},
    {{"token"}, "?next=http://i/?token=abc;c", "?next=http://i/?token=***"},
    {{"token"}, "?t%6fken=abc", "?t%6fken=***"},
    {{"token"}, "?t%256fken=abc", "?t%256fken=abc"},
    {{"token"}, "?next=https%3A%2F%2Fi%2F%3Ftoken%3Dabc", "?next=https%3A%2F%2Fi%2F%3Ftoken%3Dabc"},
    {{"token"}, "?a=\"token=abc", "?a=\"token=abc"},
    {{"token"}, "?u=http://n:p@i/", "?u=http://n:p@i/"},
    {{"/b[0-9]/"}, "b1%62%31%2562", "***%62%31%2562"},
    {{"/^a/", "token"}, "a?token=abc", "***?token=***"},
};

START_TEST(earlier_versions_hid_one_level)
{
    const struct apply_case *wanted = &earlier_cases[_i];
    struct haul_redactor *redactor = make_redactor(wanted->rule);
    struct haul_buf out;

    haul_buf_init(&out, 0);
    haul_redactor_apply_earlier(redactor, wanted->text, strlen(wanted->text), &out);
    ck_assert_str_eq(haul_buf_str(&out), wanted->wanted);
    haul_buf_done(&out);
    haul_redactor_free(redactor);
}
END_TEST

START_TEST(match_does_not_end_at_a_nul)
{
    struct haul_redactor *redactor =
        make_redactor((const char *const[REDACTOR_RULES_MAX]){"/key=[^&]*/"});

    check_applied(redactor, "key=ab\0cd&\0e", 12, "***&\0e", 6);
    haul_redactor_free(redactor);
    redactor = make_redactor((const char *const[REDACTOR_RULES_MAX]){"key"});
    check_applied(redactor, "?key=ab\0cd&\0e", 13, "?key=***&\0e", 11);
    haul_redactor_free(redactor);
}
END_TEST

/* glibc's "." matches no byte that is not UTF-8 when compiled in such a locale. */
START_TEST(locale_does_not_shorten_a_match)
{
    struct haul_redactor *redactor;

    ck_assert_ptr_nonnull(setlocale(LC_ALL, "C.UTF-8"));
    redactor = make_redactor((const char *const[REDACTOR_RULES_MAX]){"/key=[^&]*/"});
    check_applied(redactor,
                  "key=a\xff"
                  "b&c",
                  9, "***&c", 5);
    haul_redactor_free(redactor);
    redactor = make_redactor((const char *const[REDACTOR_RULES_MAX]){"/key=.*/"});
    check_applied(redactor, "key=a\xff\xc3", 7, "***", 3);
    haul_redactor_free(redactor);
    ck_assert_str_eq(setlocale(LC_ALL, NULL), "C.UTF-8");
}
END_TEST

START_TEST(text_too_long_to_match_is_hidden_as_a_whole)
{
    static char text[HAUL_REDACTOR_TEXT_MAX + 2];
    struct haul_redactor *redactor =
        make_redactor((const char *const[REDACTOR_RULES_MAX]){"/key=z/"});

    memset(text, 'a', sizeof text - 1);
    check_applied(redactor, text, HAUL_REDACTOR_TEXT_MAX, text, HAUL_REDACTOR_TEXT_MAX);
    check_applied(redactor, text, HAUL_REDACTOR_TEXT_MAX + 1, "***", 3);
    haul_redactor_free(redactor);
    redactor = make_redactor((const char *const[REDACTOR_RULES_MAX]){"key"});
    check_applied(redactor, text, HAUL_REDACTOR_TEXT_MAX + 1, text, HAUL_REDACTOR_TEXT_MAX + 1);
    haul_redactor_free(redactor);
}
END_TEST

/* The square of the length at worst: a second or two would mean that it is more. */
START_TEST(hostile_text_takes_no_time)
{
    static char text[HAUL_REDACTOR_TEXT_MAX + 1];
    struct haul_redactor *redactor = make_redactor(
        (const char *const[REDACTOR_RULES_MAX]){"/a.*b.*c/", "/(a|aa)*d/", "/(a*)*e/"});

    memset(text, 'a', HAUL_REDACTOR_TEXT_MAX);
    check_applied(redactor, text, HAUL_REDACTOR_TEXT_MAX, text, HAUL_REDACTOR_TEXT_MAX);
    haul_redactor_free(redactor);
}
END_TEST

START_TEST(no_rule_is_null_and_copies)
{
    struct haul_strings none = {.count = 0};
    struct haul_redactor *redactor;
    const char *cause;

    ck_assert_int_eq(haul_redactor_create(&redactor, &none, &cause), HAUL_OK);
    ck_assert_ptr_null(redactor);
    check_applied(NULL, "?token=\0abc", 11, "?token=\0abc", 11);
    haul_redactor_free(NULL);
}
END_TEST

/* For want of memory too little is shown, never too much. */
START_TEST(no_memory_shows_nothing_that_is_hidden)
{
    static const char text[] = "http://h/?token=geheim&a=%3Ftoken%3Dgeheim&b=geheim";
    struct haul_redactor *redactor =
        make_redactor((const char *const[REDACTOR_RULES_MAX]){"token", "/[0-9]+/"});
    struct haul_redactor_secrets secrets;
    struct haul_buf out;
    bool walking = true;

    for (long n = 1; walking; n++) {
        haul_redactor_secrets_init(&secrets);
        haul_buf_init(&out, 0);
        fail_alloc_arm(n);
        haul_redactor_secrets_learn(&secrets, redactor, text, strlen(text));
        haul_redactor_apply_all(redactor, &secrets, text, strlen(text), &out);
        walking = fail_alloc_disarm();
        ck_assert(walking ? out.err == HAUL_ERR_NOMEM : !out.err);
        ck_assert_ptr_null(strstr(haul_buf_str(&out), "geheim"));
        haul_redactor_secrets_done(&secrets);
        haul_buf_done(&out);
    }
    haul_redactor_free(redactor);
}
END_TEST

static const struct rule_case {
    const char *rule;
    enum haul_err err;
} rule_cases[] = {
    {"token", HAUL_OK},
    {"X-Amz-Signature", HAUL_OK},
    {"a[]", HAUL_OK},
    {"/a/", HAUL_OK},
    {"/\\\\1/", HAUL_OK},
    {"/a\\.b/", HAUL_OK},
    {"", HAUL_ERR_SYNTAX},
    {"a=b", HAUL_ERR_SYNTAX},
    {"a,b", HAUL_ERR_SYNTAX},
    {"a&b", HAUL_ERR_SYNTAX},
    {"?a", HAUL_ERR_SYNTAX},
    {"a/", HAUL_ERR_SYNTAX},
    {"a\nb", HAUL_ERR_SYNTAX},
    {"/", HAUL_ERR_SYNTAX},
    {"//", HAUL_ERR_SYNTAX},
    {"/a", HAUL_ERR_SYNTAX},
    {"/a/i", HAUL_ERR_SYNTAX},
    {"/(/", HAUL_ERR_SYNTAX},
    {"/[a/", HAUL_ERR_SYNTAX},
    {"/a\\/", HAUL_ERR_SYNTAX},
    {"/(a)\\1/", HAUL_ERR_SYNTAX},
    {"/\\\\\\1/", HAUL_ERR_SYNTAX},
};

START_TEST(rule_is_taken_or_refused)
{
    const char *good = "/good/", *item[] = {good, rule_cases[_i].rule}, *cause = NULL;
    struct haul_strings rules = {.item = item, .count = 2};
    struct haul_redactor *redactor;
    enum haul_err err = haul_redactor_create(&redactor, &rules, &cause);

    ck_assert_msg(err == rule_cases[_i].err, "\"%s\" gave %d", item[1], (int)err);
    ck_assert_int_eq(redactor != NULL, err == HAUL_OK);
    ck_assert_int_eq(cause != NULL, err != HAUL_OK);
    haul_redactor_free(redactor);
}
END_TEST

START_TEST(rule_of_more_than_the_limit_is_refused)
{
    static char rule[HAUL_REDACTOR_RULE_MAX + 2];
    const char *item = rule, *cause;
    struct haul_strings rules = {.item = &item, .count = 1};
    struct haul_redactor *redactor;

    memset(rule, 'a', HAUL_REDACTOR_RULE_MAX);
    ck_assert_int_eq(haul_redactor_create(&redactor, &rules, &cause), HAUL_OK);
    haul_redactor_free(redactor);
    rule[HAUL_REDACTOR_RULE_MAX] = 'a';
    ck_assert_int_eq(haul_redactor_create(&redactor, &rules, &cause), HAUL_ERR_LIMIT);
    ck_assert_ptr_null(redactor);
}
END_TEST

START_TEST(full_buffer_keeps_its_error)
{
    struct haul_redactor *redactor =
        make_redactor((const char *const[REDACTOR_RULES_MAX]){"token"});
    struct haul_buf out;

    haul_buf_init(&out, 4);
    haul_redactor_apply(redactor, "?token=abc", 10, &out);
    ck_assert_int_eq(out.err, HAUL_ERR_LIMIT);
    ck_assert_ptr_null(strstr(haul_buf_str(&out), "abc"));
    haul_buf_done(&out);
    haul_redactor_free(redactor);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

int main(void)
{
    Suite *suite = suite_create("redact");
    TCase *apply = tcase_create("apply");
    TCase *rule = tcase_create("rule");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(apply, named_parts_are_hidden_and_no_others, 0, COUNT(apply_cases));
    tcase_add_loop_test(apply, earlier_versions_hid_one_level, 0, COUNT(earlier_cases));
    tcase_add_test(apply, match_does_not_end_at_a_nul);
    tcase_add_test(apply, locale_does_not_shorten_a_match);
    tcase_add_test(apply, text_too_long_to_match_is_hidden_as_a_whole);
    tcase_add_test(apply, hostile_text_takes_no_time);
    tcase_add_test(apply, no_rule_is_null_and_copies);
    tcase_add_test(apply, full_buffer_keeps_its_error);
    tcase_add_test(apply, no_memory_shows_nothing_that_is_hidden);
    tcase_add_loop_test(rule, rule_is_taken_or_refused, 0, COUNT(rule_cases));
    tcase_add_test(rule, rule_of_more_than_the_limit_is_refused);
    suite_add_tcase(suite, apply);
    suite_add_tcase(suite, rule);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
