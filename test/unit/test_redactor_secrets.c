#include <check.h>
#include <stdio.h>
#include <string.h>

#include "model/secret_field.h"
#include "redactor_rules.h"

/* What was sent once is hidden wherever it comes back, whole or a part of it. */

static const struct secret_case {
    const char *rule[REDACTOR_RULES_MAX];
    const char *url, *text, *wanted;
} secret_cases[] = {
    {{"token"}, "http://h/?token=geheim", "\"geheim\"", "\"***\""},
    {{"token"},
     "http://h/?token=geheim",
     "\"a-geheimgeheim-%67eheim-%2567eheim\"",
     "\"a-***-***-***\""},
    {{"token"}, "http://h/?token=gehe%69m", "geheim gehe%69m", "*** ***"},
    {{"token"}, "http://h/?a=%3Ftoken%3Dgeheim", "geheim", "***"},
    {{"token"}, "http://h/?token=gehei", "gehei", "gehei"}, /* too short */
    {{"token"}, "http://h/?a=geheim", "geheim", "geheim"},
    /* parts: of what an expression matches, of what touches, of a value */
    {{"/token=[^&]*/"}, "http://h/?token=SECRET1234", "SECRET1234", "***"},
    {{"/token[^&]*/"}, "http://h/?token%3DSECRET%31234", "SECRET1234", "***"},
    {{"/session=[^&]*/"}, "http://h/?session=SECRET1234", "session=SECRET1234", "***"},
    {{"/sessions=[^&]*/"}, "http://h/?sessions=SECRET1234", "sessions SECRET1234", "sessions ***"},
    {{"token", "/&x=[a-z]*/"}, "http://h/?token=SECRET1234&x=abc", "SECRET1234", "***"},
    {{"/token=[A-Z0-9]*/", "/[a-z]*$/"}, "http://h/?token=SECRET1234abc", "SECRET1234", "***"},
    {{"/x/", "/[a-c]{3}/", "/[d-f]{3}/"}, "http://h/?abcdef", "abcdef fed", "*** fed"},
    {{"token"}, "http://h/?token=a,SECRET1234:b", "SECRET1234", "***"},
    {{"token"}, "http://h/?token=SECRET%3D12;a,b", "SECRET", "***"},
    {{"token"}, "http://h/?token=a%2CSECRET%26b", "SECRET", "***"},
    {{"token"}, "http://h/?token=(%22SECRET%22)", "SECRET", "***"},
    {{"token"}, "http://h/?n=http://me:SECRET@i/", "SECRET", "***"},
    /* what says something else */
    {{"token"}, "http://host.test/?token=host.test", "http://host.test/a", "http://host.test/a"},
    {{"token"}, "http://Host.test:8/?token=host.test:8", "//host.test:8/", "//host.test:8/"},
    {{"token"}, "http://h1.tes:8/?token=http://h1.tes:8/", "//h1.tes:8/b", "//h1.tes:8/b"},
    {{"token"}, "http://host.test/?token=host.test1", "host.test1", "***"},
    {{"token"}, "http://host.test:8/?token=host.test:9a", "host.test:9a b", "*** b"},
    {{"token"}, "http://[::1]:8/?token=[::1]", "[::1]", "[::1]"},
    {{"token"}, "http://[::1]:8/?token=[::1]:80", "[::1]:80", "[::1]:80"},
    {{"token"}, "http://host.test/?token=:808080", ":808080", "***"},
    {{"token"}, "http://host.test/?token=www.host.test", "www.host.test", "www.host.test"},
    {{"token"}, "http://a.host.test/?token=.host.test", "http://host.test/", "http://host.test/"},
    {{"token"}, "http://host.test/?token=localhost:80", "localhost:80", "localhost:80"},
    {{"token"}, "http://host.test/?token=localhost:8x", "localhost:8x", "***"},
    {{"token"}, "http://h.secret/?token=secret", "secret", "***"},
    {{"token"}, "http://host.test/?token=a.host.test", "a.host.test", "***"},
    {{"token"}, "http://h/?token=text/plain", "text/plain", "text/plain"},
    {{"token"}, "http://h/?token=a;default;SECRET", "/default.aspx", "/default.aspx"},
    {{"token"}, "http://h/?token=default", "default", "***"}, /* the whole */
    /* forms: a '+' is a blank */
    {{"token"}, "http://h/?token=hunter+secretword", "a hunter secretword b", "a *** b"},
    {{"token"}, "http://h/?token=hunter+secretword", "/next/hunter%20secretword", "/next/***"},
    {{"token"}, "http://h/?token=hunter+secretword", "x-secretword", "x-***"},
    {{"token"}, "http://h/?token=hunter%20secretword", "hunter+secretword", "***"},
    {{"token"}, "http://h/?token=hunter%2Bsecretword", "hunter secretword", "***"},
    {{"token"}, "http://h/?token=ab+c%2Bd", "\"ab c+d\" ab+c%2bd", "\"***\" ***"},
    {{"token"}, "http://h/?token=ab%2520c%252Bd", "ab c+d ab+c%2bd ab%20c%2520d", "*** *** ***"},
    {{"token"}, "http://h/?u=%3Ftoken%3Dab%2Bcd%2Bef", "ab cd ef", "***"},
    {{"/key=[^&]*/"}, "http://h/?key=ab+cd+ef", "ab cd ef, key=ab%20cd%20ef", "***, ***"},
    {{"token"}, "http://h/?token=a+b+c", "a b c", "a b c"}, /* too short */
    {{"token"}, "http://h/?token=ab%2Fcd%2B%2B%3D%3D", "ab/cd++==", "***"},
    {{"token"},
     "http://h/?token=a,application/rss%2Bxml",
     "application/rss+xml",
     "application/rss+xml"},
};

static void check_given_back(const struct haul_redactor *redactor,
                             const struct haul_redactor_secrets *secrets, const char *text,
                             const char *wanted)
{
    struct haul_buf out;

    haul_buf_init(&out, 0);
    haul_redactor_apply_all(redactor, secrets, text, strlen(text), &out);
    ck_assert_str_eq(haul_buf_str(&out), wanted);
    haul_buf_done(&out);
}

START_TEST(what_was_hidden_once_is_hidden_where_it_comes_back)
{
    const struct secret_case *wanted = &secret_cases[_i];
    struct haul_redactor *redactor = make_redactor(wanted->rule),
                         *other = make_redactor((const char *const[REDACTOR_RULES_MAX]){"q"});
    struct haul_redactor_secrets secrets;

    haul_redactor_secrets_init(&secrets);
    haul_redactor_secrets_begin(&secrets, wanted->url);
    haul_redactor_secrets_learn(&secrets, redactor, wanted->url, strlen(wanted->url));
    check_given_back(other, &secrets, wanted->text, wanted->wanted);
    check_given_back(NULL, &secrets, wanted->text, wanted->wanted);
    haul_redactor_secrets_begin(&secrets, NULL);
    check_given_back(other, &secrets, wanted->text, wanted->text);
    haul_redactor_secrets_done(&secrets);
    haul_redactor_free(redactor);
    haul_redactor_free(other);
}
END_TEST

/* Values of fields, in which there are names. */
static const struct field_case {
    const char *value, *text, *wanted;
} field_cases[] = {
    {"lang=en; session=SECRET1234; theme=dark", "/land?sid=SECRET1234", "/land?sid=***"},
    {"session=SECRET1234", "session SECRET1234", "session ***"},
    {"sessions=SECRET1234", "sessions SECRET1234", "sessions ***"},
    {"a=b; sessions=\"SECRET1234\"", "sessions=1 SECRET1234", "sessions=1 ***"},
    {"a=b; c=a1b2:c3d4", "a1b2:c3d4", "***"},
    {"a=b; c=a b,c=d", "a b,c=d", "***"},
    {"a=b; c=\"SECR=ET\"", "SECR=ET", "***"},
    {"Bearer SECRET1234", "Bearer SECRET1234, SECRET1234", "***, ***"},
    {"Token token=\"SECRET1234\"", "SECRET1234", "***"},
    {"Digest a=\"b\", response='SECRET1234'", "response SECRET1234", "response ***"},
    {"U0VDUkVUMTIzNA==", "U0VDUkVUMTIzNA", "***"},
    {"a=b; c=U0VDUkVUMTIzNA==", "U0VDUkVUMTIzNA==", "***"},
    {"a=%53ECRET1234%3Bd", "SECRET1234", "***"},
    {"{\"id\":\"SECRET1234\"}", "SECRET1234", "***"},
    {"a=b; c=hunter+secretword", "hunter%20secretword secretword", "*** ***"},
    {"a=b; path=/; secure; httponly; c=default", "default secure httponly",
     "default secure httponly"},
};

START_TEST(values_of_a_field_are_hidden_and_no_names)
{
    const struct field_case *wanted = &field_cases[_i];
    struct haul_redactor_secrets secrets;

    haul_redactor_secrets_init(&secrets);
    haul_redactor_secrets_add_parts(&secrets, wanted->value, strlen(wanted->value), true);
    check_given_back(NULL, &secrets, wanted->text, wanted->wanted);
    haul_redactor_secrets_done(&secrets);
}
END_TEST

/* Names of fields: of credentials, and of what only looks so. Both kinds get into no list. */
static const char *const credentials[] = {
    "Authorization: a", "proxy-authorization;", "Cookie:a",  "X-Auth-Token: a", "PRIVATE-TOKEN : a",
    "X-AccessToken: a", "X-Api-Key: a",         "apikey: a", "X_Secret: a",     "X-Auth: a",
    "Signature: a",     "X-Session-Id: a"};
static const char *const others[] = {
    "authority: a",       "Accept-Signature: a", "Access-Control-Request-Method: a",
    "Signature-Input: a", "Surrogate-Key: a",    "X-Bypass: a",
    "Keep-Alive: a",      "Accept: token"};

START_TEST(fields_with_credentials_are_known_by_their_names)
{
    for (size_t i = 0; i < sizeof credentials / sizeof *credentials; i++) {
        ck_assert_msg(haul_secret_field_is_credential(credentials[i]), "%s", credentials[i]);
        ck_assert_msg(haul_secret_field_tells_who_asks(credentials[i]), "%s", credentials[i]);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_msg(!haul_secret_field_is_credential(others[i]), "%s", others[i]);
    ck_assert(haul_secret_field_tells_who_asks("authority: a"));
    ck_assert(!haul_secret_field_tells_who_asks("Accept: token"));
}
END_TEST

START_TEST(names_are_learnt_of_a_text_too_long_to_match)
{
    static char url[HAUL_REDACTOR_TEXT_MAX + 100] = "http://h/?token=SECRET1234&a=";
    struct haul_redactor *redactor =
        make_redactor((const char *const[REDACTOR_RULES_MAX]){"token", "/zzz/"});
    struct haul_redactor_secrets secrets;

    memset(url + strlen(url), 'a', HAUL_REDACTOR_TEXT_MAX);
    haul_redactor_secrets_init(&secrets);
    haul_redactor_secrets_learn(&secrets, redactor, url, strlen(url));
    check_given_back(redactor, &secrets, "a SECRET1234", "a ***");
    haul_redactor_secrets_done(&secrets);
    haul_redactor_free(redactor);
}
END_TEST

/* As long as a line may be, and nearly each of them everywhere: in some tenths of a second. */
static void check_hostile_text(const struct haul_redactor_secrets *secrets)
{
    static char text[(64 << 10) + 1];

    for (size_t at = 0; at + 8 < sizeof text; at += 8)
        memcpy(text + at, at % 16 ? "secret%3" : "1secrets", 8);
    check_given_back(NULL, secrets, text, text);
}

/* With as many as are looked for each is found, and with one more nothing is shown. */
START_TEST(of_too_many_secrets_nothing_is_shown)
{
    struct haul_redactor_secrets secrets;
    char secret[16];

    haul_redactor_secrets_init(&secrets);
    for (int i = 0; i < 2 * HAUL_REDACTOR_SECRETS_MAX; i++) {
        snprintf(secret, sizeof secret, "secret%d", 1000 + i % HAUL_REDACTOR_SECRETS_MAX);
        haul_redactor_secrets_add(&secrets, secret, strlen(secret));
    }
    check_given_back(NULL, &secrets, "a secret2999 b", "a *** b");
    check_hostile_text(&secrets);
    haul_redactor_secrets_add(&secrets, "another", 7);
    check_given_back(NULL, &secrets, "what is shown", "***");
    haul_redactor_secrets_begin(&secrets, NULL);
    check_given_back(NULL, &secrets, "what is shown", "what is shown");
    haul_redactor_secrets_done(&secrets);
}
END_TEST

static const char *repeat(struct haul_buf *to, const char *text, size_t times)
{
    while (times--)
        haul_buf_add_str(to, text);
    return haul_buf_str(to);
}

/*
 * What is learnt of one text costs no more than so many looks, whether the parts are different ones
 * or always the same, however often they are encoded, and however long it is; each look is one in a
 * table of hashes.
 */
START_TEST(work_for_hostile_text_is_bounded)
{
    static const char *const parts[] = {"secret;", "secret%25253b", "secret+",
                                        "secret=", "%252525;",      "SECRET1234,"};
    struct haul_redactor_secrets secrets;
    struct haul_buf text;

    haul_redactor_secrets_init(&secrets);
    haul_buf_init(&text, 0);
    for (size_t i = 0; i < 300; i++)
        haul_buf_addf(&text, "s%05u;", (unsigned)i);
    (void)repeat(&text, parts[_i], 60000 / strlen(parts[_i]));
    for (int field = 0; field < 50; field++)
        haul_redactor_secrets_add_parts(&secrets, haul_buf_str(&text), text.len, field % 2);
    ck_assert_uint_le(secrets.looked_at, HAUL_REDACTOR_LOOKS_MAX + 1);
    ck_assert_uint_le(secrets.count, HAUL_REDACTOR_SECRETS_MAX + 1);
    check_given_back(NULL, &secrets, "s00123 shown", secrets.are_too_many ? "***" : "*** shown");
    ck_assert(secrets.are_too_many);
    haul_redactor_secrets_begin(&secrets, NULL);
    haul_redactor_secrets_add_parts(&secrets, "another;SECRET", 14, true);
    check_given_back(NULL, &secrets, "s00123 SECRET", "s00123 ***");
    haul_redactor_secrets_done(&secrets);
    haul_buf_done(&text);
}
END_TEST

/* As often as cookies of a usual size have parts, each is found. */
START_TEST(long_field_is_no_hostile_one)
{
    struct haul_redactor_secrets secrets;
    struct haul_buf text;

    haul_redactor_secrets_init(&secrets);
    haul_buf_init(&text, 0);
    for (size_t i = 0; i < 600; i++)
        haul_buf_addf(&text, "c%u=secret%u%%3b; ", (unsigned)i, (unsigned)i);
    haul_redactor_secrets_add_parts(&secrets, haul_buf_str(&text), text.len, true);
    check_given_back(NULL, &secrets, "a secret599 b", "a *** b");
    haul_redactor_secrets_done(&secrets);
    haul_buf_done(&text);
}
END_TEST

/* Nothing is shown, either, if none of what was looked at was to be kept, or could be. */
START_TEST(what_could_not_be_kept_shows_nothing)
{
    struct haul_redactor_secrets secrets;
    struct haul_buf out;

    haul_redactor_secrets_init(&secrets);
    ck_assert(haul_redactor_secrets_are_none(&secrets));
    for (size_t i = 0; i <= HAUL_REDACTOR_LOOKS_MAX; i++)
        haul_redactor_secrets_add(&secrets, "text/plain", 10);
    ck_assert_uint_eq(secrets.count, 0);
    check_given_back(NULL, &secrets, "what is shown", "***");
    haul_redactor_secrets_begin(&secrets, NULL);
    secrets.values.err = HAUL_ERR_NOMEM;
    haul_buf_init(&out, 0);
    haul_redactor_apply_all(NULL, &secrets, "text", 4, &out);
    ck_assert_int_eq(out.err, HAUL_ERR_NOMEM);
    ck_assert_uint_eq(out.len, 0);
    haul_buf_done(&out);
    haul_redactor_secrets_done(&secrets);
}
END_TEST

/* What one has learnt is hidden by another, but for the host of that one; and what is moved. */
START_TEST(secrets_are_handed_on)
{
    struct haul_redactor_secrets from, to, kept;
    struct haul_buf out;

    haul_redactor_secrets_init(&from);
    haul_redactor_secrets_init(&to);
    haul_buf_init(&out, 0);
    haul_redactor_secrets_begin(&from, NULL);
    haul_redactor_secrets_add(&from, "SECRET1234", 10);
    haul_redactor_secrets_add(&from, "host.test", 9);
    haul_redactor_secrets_begin(&to, "http://host.test/");
    haul_redactor_secrets_add_all(&to, &from);
    ck_assert(!haul_redactor_secrets_are_same(&to, &from));
    haul_redactor_secrets_move(&kept, &to);
    ck_assert(haul_redactor_secrets_are_none(&to));
    haul_redactor_apply_all(NULL, &kept, "SECRET1234 host.test", 20, &out);
    ck_assert_str_eq(haul_buf_str(&out), "*** host.test");
    haul_redactor_secrets_add_all(&to, &kept);
    ck_assert(haul_redactor_secrets_are_same(&to, &kept));
    haul_buf_done(&out);
    haul_redactor_secrets_done(&from);
    haul_redactor_secrets_done(&to);
    haul_redactor_secrets_done(&kept);
}
END_TEST

static const struct {
    const char *text;
    bool may_be, is_in_host;
} looks[] = {
    {"a SECRET1234 b", true, true},
    {"x.secret1234.test", false, true},
    {"hunter word", true, true},
    {"hunter+word", true, false},
    {"%53ECRET1234", true, false},
    {"SECRET123", false, false},
    {"", false, false},
};

/* What may be passed over without care holds none, however it is written. */
START_TEST(texts_are_looked_at_quickly)
{
    const char *text = looks[_i].text;
    const struct haul_span span = {text, strlen(text)};
    struct haul_redactor_secrets secrets;

    ck_assert(!haul_redactor_secrets_may_be_in(NULL, span));
    haul_redactor_secrets_init(&secrets);
    ck_assert(!haul_redactor_secrets_may_be_in(&secrets, span));
    ck_assert(!haul_redactor_secrets_are_in_host(&secrets, text));
    haul_redactor_secrets_add(&secrets, "SECRET1234", 10);
    haul_redactor_secrets_add(&secrets, "hunter+word", 11);
    ck_assert_int_eq(haul_redactor_secrets_may_be_in(&secrets, span), looks[_i].may_be);
    ck_assert_int_eq(haul_redactor_secrets_are_in_host(&secrets, text), looks[_i].is_in_host);
    secrets.are_too_many = true;
    ck_assert_int_eq(haul_redactor_secrets_may_be_in(&secrets, span), *text != 0);
    ck_assert(haul_redactor_secrets_are_in_host(&secrets, text));
    haul_redactor_secrets_done(&secrets);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

int main(void)
{
    Suite *suite = suite_create("redactor_secrets");
    TCase *all = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(all, what_was_hidden_once_is_hidden_where_it_comes_back, 0,
                        COUNT(secret_cases));
    tcase_add_loop_test(all, values_of_a_field_are_hidden_and_no_names, 0, COUNT(field_cases));
    tcase_add_test(all, fields_with_credentials_are_known_by_their_names);
    tcase_add_test(all, names_are_learnt_of_a_text_too_long_to_match);
    tcase_add_test(all, of_too_many_secrets_nothing_is_shown);
    tcase_add_loop_test(all, work_for_hostile_text_is_bounded, 0, 6);
    tcase_add_test(all, long_field_is_no_hostile_one);
    tcase_add_test(all, what_could_not_be_kept_shows_nothing);
    tcase_add_test(all, secrets_are_handed_on);
    tcase_add_loop_test(all, texts_are_looked_at_quickly, 0, COUNT(looks));
    suite_add_tcase(suite, all);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
