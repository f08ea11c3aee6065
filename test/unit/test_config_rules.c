#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command_line.h"
#include "model/config_rules.h"
#include "option_forms.h"

/* What the rules say of a command line for a verb. */
static const char *check(struct parsed *parsed, enum haul_verb verb)
{
    enum haul_err err;

    ck_assert_msg(!parsed->err, "%s", haul_buf_str(&parsed->message));
    haul_buf_clear(&parsed->message);
    err = haul_config_check(&parsed->config, verb, &parsed->message);
    ck_assert_int_eq(err, parsed->message.len ? HAUL_ERR_USAGE : HAUL_OK);
    return haul_buf_str(&parsed->message);
}

/* ---- each rule ---- */

static const struct rule_case {
    const char *args[7];
    const char *words;   /* "": nothing is wrong */
    const char *dry_run; /* of --dry-run, if that says something else */
} run_cases[] = {
    {{"--no-header", "u"}, "--no-header needs --url-column N", NULL},
    {{"--delimiter", ";", "u"}, "--delimiter needs --url-column COLUMN", NULL},
    {{"--resume", "u"}, "--resume needs --journal FILE", NULL},
    {{"--resume", "--journal=j", "u"}, "", NULL},
    {{"--retry-failed", "u"}, "--retry-failed needs --resume", NULL},
    {{"--retry-failed", "--journal=j", "u"}, "--retry-failed needs --resume", NULL},
    {{"--retry-failed", "--resume", "u"}, "--resume needs --journal FILE", NULL},
    {{"--retry-failed", "--resume", "--journal=j", "u"}, "", NULL},
    {{"--public-only", "--proxy=http://p:1", "u"},
     "--public-only cannot be kept through a proxy, which looks up names and connects by itself: "
     "leave --proxy or --proxy-from-env out, or have the proxy refuse",
     NULL},
    {{"--public-only", "--proxy-from-env", "u"},
     "--public-only cannot be kept through a proxy, which looks up names and connects by itself: "
     "leave --proxy or --proxy-from-env out, or have the proxy refuse",
     NULL},
    {{"--public-only", "--proxy=", "u"}, "", NULL},
    {{"--public-only", "--proxy=http://p:1", "--allow-net=10.0.0.1", "u"}, "", NULL},
    {{"--deny-net=10.0.0.0/8", "--proxy=http://p:1", "u"}, "", NULL},
    {{"--keep=5", "u"}, "--keep needs --history FILE", NULL},
    {{"--keep=90d", "u"}, "--keep needs --history FILE", NULL},
    {{"--keep=5", "--history=h", "u"}, "", NULL},
    {{"--budget=growth<1M", "u"},
     "--budget growth<1M: growth since which run? This needs --history FILE",
     NULL},
    {{"--budget=total<1M", "--budget=growth<1M", "u"},
     "--budget growth<1M: growth since which run? This needs --history FILE",
     NULL},
    {{"--budget=growth<1M", "--history=h", "u"}, "", NULL},
    {{"--quiet-unless=fail,change", "u"},
     "--quiet-unless change: since which run? This needs --history FILE",
     NULL},
    {{"--quiet-unless=change", "--history=h", "u"}, "", NULL},
    {{"--quiet-unless=budget", "u"}, "--quiet-unless budget needs a --budget", NULL},
    {{"--quiet-unless=budget", "--budget=total<1M", "u"}, "", NULL},
    {{"--dir=d", "--head", "u"}, "--dir saves bodies, and --head and --method ask for none", NULL},
    {{"--dir=d", "--method=auto", "u"},
     "--dir saves bodies, and --head and --method ask for none",
     NULL},
    {{"--dir=d", "--method=get", "u"}, "", NULL},
    {{"--hash=md5", "--method=auto", "u"},
     "--hash reads bodies, and --head and --method ask for none",
     NULL},
    {{"--hash=none", "--head", "u"}, "", NULL},
    {{"--skip-existing", "u"}, "--skip-existing needs --dir DIR", NULL},
    {{"--skip-existing=name", "u"}, "--skip-existing needs --dir DIR", NULL},
    {{"--skip-existing=no", "u"}, "", NULL},
    {{"--skip-existing", "--no-skip-existing", "u"}, "", NULL},
    {{"--skip-existing=name", "--no-skip-existing", "u"}, "", NULL},
    {{"--continue", "u"}, "--continue needs --dir DIR", NULL},
    {{"--sums=/dev/null", "u"}, "--sums needs --dir DIR or --tar FILE", NULL},
    {{"--keep-free=1G", "u"}, "--keep-free needs --dir DIR or --tar FILE", NULL},
    {{"--skip-existing", "-C", "--sums=/dev/null", "--keep-free=1G", "--dir=d", "u"}, "", NULL},
    {{"--tar=x", "--dir=d", "u"}, "--tar and --dir: bodies are saved in one of them only", NULL},
    {{"--tar=x", "--head", "u"}, "--tar saves bodies, and --head and --method ask for none", NULL},
    {{"--tar=x", "--no-clobber", "u"},
     "--skip-existing, --continue and --no-clobber are for the files of --dir DIR, and an archive "
     "has none; --resume goes on with it",
     NULL},
    {{"--tar=x", "--sums=/dev/null", "--keep-free=1G", "u"}, "", NULL},
    {{"--tar=x", "--resume", "--journal=j", "u"}, "", NULL},
    {{"--tar=-", "--journal=j", "u"}, "", NULL},
    {{"--tar=-", "--resume", "--journal=j", "u"},
     "--tar -: what went to standard output cannot be gone on with (--resume)",
     NULL},
    {{"--tar=-", "--keep-free=1G", "u"},
     "--keep-free needs a file system, and --tar - writes to none",
     NULL},
    {{"--tar=-", "--report=json:-", "u"},
     "--tar -: standard output is the archive's, and no place for a report",
     NULL},
    {{"--tar=-", "--report=json:x", "u"}, "", NULL},
    {{"--warc=x", "--dir=d", "u"}, "", NULL},
    {{"--warc=x", "--tar=t", "--resume", "--journal=j", "u"}, "", NULL},
    {{"--warc=-", "u"}, "--warc names files, and standard output is none", NULL},
    {{"--warc=two\nlines", "u"}, "--warc wants a name without control characters", NULL},
    {{"--warc=d/", "u"},
     "--warc wants the beginning of the files' names, too, such as DIR/pages",
     NULL},
    {{"--warc=d/.warc.gz", "u"},
     "--warc wants the beginning of the files' names, too, such as DIR/pages",
     NULL},
    {{"--warc=x", "--head", "u"},
     "--warc archives bodies, and --head and --method ask for none",
     NULL},
    {{"--warc=x", "--dir=d", "-C", "u"},
     "--continue asks for parts of bodies, and --warc archives whole answers",
     NULL},
    {{"--warc=x", "--redact=token", "u"},
     "--warc archives URLs as they were asked for, and --redact hides parts of them",
     NULL},
    {{"--report=csv:-", "--report=json:-", "u"},
     "two reports cannot go to one place: standard output",
     NULL},
    {{"--report=csv:-", "--format=json", "u"}, "", NULL},
    {{"--since=j", "u"}, "--since is of use with --etags or --timestamping only", NULL},
    {{"--since=j", "--etags", "u"}, "", NULL},
    {{"--etags", "u"},
     "--etags and --timestamping need --since JOURNAL or --history; for --timestamping, --dir will "
     "do",
     NULL},
    {{"--etags", "--dir=d", "u"},
     "--etags and --timestamping need --since JOURNAL or --history; for --timestamping, --dir will "
     "do",
     NULL},
    {{"--timestamping", "--dir=d", "u"}, "", NULL},
    {{"--etags", "--history=h", "u"}, "", NULL},
    {{"--key=/dev/null", "u"}, "--key needs --cert FILE", NULL},
    {{"--pass=a", "u"}, "--pass and --pass-file need --cert FILE", NULL},
    {{"--key=/dev/null", "--pass=a", "--cert=/dev/null", "u"}, "", NULL},
    {{"--cert=/dev/null", "u"}, "", NULL},
    {{"--sitemap-from-robots=http://u:p@h/"},
     "",
     "--sitemap-from-robots: a dry run fetches nothing, and robots.txt would have to be"},
    {{"--sitemap=HTTP://u:p@h/s.xml"},
     "",
     "--sitemap: a dry run fetches nothing, so a sitemap must be a file"},
    {{"--sitemap=./a://b"}, "", NULL},
    {{"--sitemap=s.xml"}, "", NULL},
};

START_TEST(combination_is_refused_with_its_words)
{
    const struct rule_case *wanted = &run_cases[_i];
    struct parsed parsed;

    parse(&parsed, wanted->args);
    ck_assert_str_eq(check(&parsed, HAUL_VERB_RUN), wanted->words);
    ck_assert_str_eq(check(&parsed, HAUL_VERB_DRY_RUN),
                     wanted->dry_run ? wanted->dry_run : wanted->words);
    parsed_done(&parsed);
}
END_TEST

static const struct rule_case verb_cases[] = {
    {{"report", "-i/dev/null"}, "name at least one journal: haul report JOURNAL...", NULL},
    {{"report", "journal", "--format=json"}, "", NULL},
    {{"report", "journal", "--report=csv:-", "--report=json:-"},
     "two reports cannot go to one place: standard output",
     NULL},
    {{"diff", "a", "b", "--format=markdown"}, "", NULL},
    {{"diff", "a", "b", "--format=html"},
     "--format: haul diff writes text, csv, tsv, jsonl and markdown",
     NULL},
    {{"history", "h", "--format=jsonl"}, "", NULL},
    {{"history", "h", "--format=markdown"},
     "--format: haul history writes text, csv, tsv and jsonl",
     NULL},
};

START_TEST(combination_is_refused_for_its_verb)
{
    const struct rule_case *wanted = &verb_cases[_i];
    struct parsed parsed;

    parse(&parsed, wanted->args);
    ck_assert_str_eq(check(&parsed, parsed.result.verb), wanted->words);
    parsed_done(&parsed);
}
END_TEST

START_TEST(history_needs_a_name)
{
    struct parsed parsed;

    parse(&parsed, ARGS("-i/dev/null"));
    ck_assert_str_eq(check(&parsed, HAUL_VERB_HISTORY), "name a history: haul history FILE [URL]");
    parsed_done(&parsed);
}
END_TEST

/* A configuration file says of runs what means nothing to other verbs. */
START_TEST(rules_of_runs_are_for_runs_only)
{
    struct parsed parsed;

    parse(&parsed, ARGS("--resume", "--since=s", "--keep=1", "--dir=d", "--head", "journal"));
    for (int verb = HAUL_VERB_REPORT; verb <= HAUL_VERB_HISTORY; verb++)
        ck_assert_str_eq(check(&parsed, (enum haul_verb)verb), "");
    parsed_done(&parsed);
}
END_TEST

static const struct {
    struct haul_host_rule rule;
    const char *words;
} host_cases[] = {
    {{.pattern = "a.b", .says = HAUL_HOST_SAYS_CERT, .key = "k"},
     "[host \"a.b\"]: key, pass and pass-file need cert in the same section"},
    {{.pattern = "a.b", .port = 443, .says = HAUL_HOST_SAYS_CERT, .key_pass = "p"},
     "[host \"a.b:443\"]: key, pass and pass-file need cert in the same section"},
    {{.pattern = "a.b", .says = HAUL_HOST_SAYS_CERT}, ""},
    {{.pattern = "a.b", .says = HAUL_HOST_SAYS_CERT, .cert = "c", .key = "k", .key_pass = "p"}, ""},
    {{.pattern = "a.b", .key = "k"}, ""},
};

START_TEST(section_with_a_key_has_its_certificate)
{
    struct haul_host_rule rules[] = {{.pattern = "x"}, host_cases[_i].rule};
    struct parsed parsed;

    parse(&parsed, ARGS("--cert=/dev/null", "u"));
    parsed.config.host_rule = rules;
    parsed.config.host_rule_count = COUNT(rules);
    ck_assert_str_eq(check(&parsed, HAUL_VERB_RUN), host_cases[_i].words);
    ck_assert_str_eq(check(&parsed, HAUL_VERB_DRY_RUN), host_cases[_i].words);
    parsed_done(&parsed);
}
END_TEST

/* A program that embeds haul makes its configuration itself. */
START_TEST(texts_that_no_command_line_takes_are_refused)
{
    const char *item = "total<1X";
    struct parsed parsed = {.err = HAUL_OK};

    haul_config_init(&parsed.config);
    haul_buf_init(&parsed.message, 0);
    parsed.config.budgets = (struct haul_strings){.item = &item, .count = 1};
    ck_assert_ptr_nonnull(strstr(check(&parsed, HAUL_VERB_RUN), "--budget total<1X: at character"));
    parsed.config.budgets.count = 0;
    parsed.config.reports = (struct haul_strings){.item = &item, .count = 1};
    ck_assert_str_eq(check(&parsed, HAUL_VERB_RUN), "--report total<1X: must be FORMAT:FILE");
    ck_assert_str_eq(check(&parsed, HAUL_VERB_REPORT),
                     "name at least one journal: haul report JOURNAL...");
    parsed_done(&parsed);
}
END_TEST

/* ---- all pairs ---- */

START_TEST(dry_run_refuses_every_pair_that_a_run_refuses)
{
    const char *form[OPTION_FORMS_MAX];
    char file[] = "/tmp/test-config-rules-XXXXXX";
    int fd = mkstemp(file);
    size_t count, refused = 0;

    ck_assert_int_eq(write(fd, "a:b\n", 4), 4);
    count = option_forms(file, form);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k <= i; k++) {
            struct parsed parsed;
            char *words;

            parse(&parsed, ARGS(form[k], form[i], "http://h/"));
            words = strdup(check(&parsed, HAUL_VERB_RUN));
            if (*words)
                ck_assert_msg(!strcmp(check(&parsed, HAUL_VERB_DRY_RUN), words), "%s %s: %s",
                              form[k], form[i], words);
            refused += *words != '\0';
            free(words);
            parsed_done(&parsed);
        }
    ck_assert_uint_gt(refused, count); /* single ones are refused with all others */
    close(fd);
    unlink(file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("config_rules");
    TCase *tcase = tcase_create("config_rules");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, combination_is_refused_with_its_words, 0, COUNT(run_cases));
    tcase_add_loop_test(tcase, combination_is_refused_for_its_verb, 0, COUNT(verb_cases));
    tcase_add_test(tcase, history_needs_a_name);
    tcase_add_test(tcase, rules_of_runs_are_for_runs_only);
    tcase_add_loop_test(tcase, section_with_a_key_has_its_certificate, 0, COUNT(host_cases));
    tcase_add_test(tcase, texts_that_no_command_line_takes_are_refused);
    tcase_add_test(tcase, dry_run_refuses_every_pair_that_a_run_refuses);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
