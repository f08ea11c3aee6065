#include <stdio.h>
#include <string.h>

#include "sitemap_site.h"

/*
 * An input in which nothing is found is never silent, whatever it is, whatever is done with it, and
 * however quiet that is to be: each input below with each way to call haul is one case, a cell, and
 * its name is in the message of a failure.
 */

/* ---- inputs ---- */

enum kind { LIST, TABLE, SITEMAP, ROBOTS };
enum way { FROM_FILE, FROM_STDIN, FROM_DEVICE, FROM_NET };

struct input {
    const char *name;
    enum kind kind;
    enum way way;
    const char *text; /* %s is the site */
    const char *says; /* what is told of it, beside where it is from */
    size_t len;       /* of `text`, if it is no string */
    bool is_fault;    /* no such thing can be read: 3 in any case */
};

#define URLSET(inside) "<urlset " NS ">" inside "</urlset>"
#define EMPTY "no URL was found in it"
#define BLANKS "\n# none today\n  \t\n"

static const struct input inputs[] = {
    {"empty list", LIST, FROM_FILE, "", .says = EMPTY ": it is empty"},
    {"empty standard input", LIST, FROM_STDIN, "", .says = EMPTY ": it is empty"},
    {"/dev/null", LIST, FROM_DEVICE, "", .says = EMPTY ": it is empty"},
    {"list of a newline", LIST, FROM_FILE, "\n", .says = EMPTY ": its line is blank or a comment"},
    {"list of blanks and comments", LIST, FROM_FILE, BLANKS,
     .says = EMPTY ": its 3 lines are blank or comments"},
    {"standard input of blanks and comments", LIST, FROM_STDIN, BLANKS,
     .says = EMPTY ": its 3 lines are blank or comments"},
    {"list of a mark", LIST, FROM_FILE, "\xef\xbb\xbf\n", .says = EMPTY},
    {"list in UTF-16", LIST, FROM_FILE, "\xff\xfe\n\0", .says = EMPTY, .len = 4},
    {"packed list", LIST, FROM_FILE, "\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0",
     .says = EMPTY ": it is empty", .len = 20},
    {"aria2 list without entries", LIST, FROM_FILE, "# session\n\n#  out=x\n",
     .says = EMPTY ": its 3 lines are blank or comments"},
    {"report without rows", LIST, FROM_FILE, "url,outcome,reason\n",
     .says = EMPTY ": there is no row below its header line"},
    {"empty CSV", TABLE, FROM_FILE, "", .says = EMPTY ": it is empty"},
    {"CSV with a header only", TABLE, FROM_FILE, "name,url\n",
     .says = EMPTY ": there is no row below its header line"},
    {"standard input with a header only", TABLE, FROM_STDIN, "name,url\n",
     .says = EMPTY ": there is no row below its header line"},
    {"CSV of comments", TABLE, FROM_FILE, "url,name\n# none today,x\n",
     .says = EMPTY ": there is no row below its header line that is no comment"},
    {"JSON Lines of nothing", TABLE, FROM_FILE, "\n\n", .says = EMPTY},
    {"empty urlset", SITEMAP, FROM_FILE, URLSET(""), .says = EMPTY ": there is no <url>"},
    {"empty urlset of the network", SITEMAP, FROM_NET, URLSET(""),
     .says = EMPTY ": there is no <url>"},
    {"empty urlset in standard input", SITEMAP, FROM_STDIN, URLSET(""),
     .says = EMPTY ": there is no <url>"},
    {"index of nothing", SITEMAP, FROM_FILE, "<sitemapindex " NS "/>",
     .says = EMPTY ": there is no <sitemap>"},
    {"index of nothing of the network", SITEMAP, FROM_NET, "<sitemapindex " NS "/>",
     .says = EMPTY ": there is no <sitemap>"},
    {"text sitemap of nothing", SITEMAP, FROM_FILE, "\n# none\n", .says = EMPTY},
    {"text sitemap of nothing of the network", SITEMAP, FROM_NET, "# none\n", .says = EMPTY},
    {"urlset of what is not read", SITEMAP, FROM_FILE, URLSET("<page><url/></page>"),
     .says = EMPTY},
    {"urlset of what is not read of the network", SITEMAP, FROM_NET, URLSET("<page><url/></page>"),
     .says = EMPTY},
    {"index of empty sitemaps", SITEMAP, FROM_NET,
     "<sitemapindex " NS "><sitemap><loc>%snone.xml</loc></sitemap></sitemapindex>",
     .says = "none.xml: " EMPTY},
    {"empty sitemap", SITEMAP, FROM_FILE, "", .says = "it is empty", .is_fault = true},
    {"empty sitemap of the network", SITEMAP, FROM_NET, "", .says = "it is empty",
     .is_fault = true},
    {"robots.txt without sitemaps", ROBOTS, FROM_NET, "User-agent: *\nDisallow: /\n",
     .says = "names no sitemap", .is_fault = true},
};
enum { INPUTS = sizeof inputs / sizeof *inputs };

/* ---- ways to call it ---- */

struct call {
    const char *name;
    const char *option[8];
    bool is_dry; /* nothing is fetched */
    bool is_report;
};

static const struct call calls[] = {
    {"a run", .option = {NULL}},
    {"--quiet", .option = {"-s"}},
    {"a report as JSON Lines", .option = {"--format", "jsonl", "--progress=none"}},
    {"--quiet-unless fail", .option = {"--quiet-unless", "fail"}},
    {"--quiet-unless fail,budget",
     .option = {"--quiet-unless", "fail,budget", "--budget", "total<1M", "--budget", "failed=0"}},
    {"--quiet-unless change", .option = {"--quiet-unless", "change", "--history", "HISTORY"}},
    {"--quiet --quiet-unless fail", .option = {"-s", "--quiet-unless", "fail"}},
    {"--exit-zero", .option = {"--exit-zero", "-s"}},
    {"--unique --resume", .option = {"--unique", "--resume", "--journal", "JOURNAL", "-s"}},
    {"--save-failed", .option = {"--save-failed", "FAILED", "-s"}},
    {"--dry-run", .option = {"--dry-run"}, .is_dry = true},
    {"--dry-run --quiet", .option = {"--dry-run", "-s"}, .is_dry = true},
    {"haul report", .option = {"report", "DONE"}, .is_report = true},
    {"haul report --quiet", .option = {"report", "DONE", "-s"}, .is_report = true},
};
enum { CALLS = sizeof calls / sizeof *calls };

enum { ARGS_MAX = 24 };
struct args {
    const char *argv[ARGS_MAX];
    int count;
};

static void add(struct args *args, const char *arg)
{
    ck_assert_int_lt(args->count, ARGS_MAX - 1);
    args->argv[args->count++] = arg;
}

/* Words that stand for files. */
static const char *file_for(const char *word)
{
    static const char *const words[] = {"HISTORY", "JOURNAL", "FAILED", "DONE"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(word, words[i]))
            return it_path(words[i]);
    return word;
}

static void add_call(struct args *args, const struct call *call)
{
    for (size_t i = 0; i < sizeof call->option / sizeof *call->option && call->option[i]; i++)
        add(args, file_for(call->option[i]));
}

/* What the input is called, where it is told of. */
static const char *shown(const struct input *input)
{
    if (input->kind == ROBOTS)
        return site_url("robots.txt");
    switch (input->way) {
    case FROM_STDIN:
        return "standard input";
    case FROM_DEVICE:
        return "/dev/null";
    case FROM_NET:
        return site_url("nothing");
    default:
        return site_file("nothing");
    }
}

static const char *text_of(const struct input *input)
{
    const char *mark = strstr(input->text, "%s");

    if (!mark)
        return input->text;
    return it_text("%.*s%s%s", (int)(mark - input->text), input->text, site_url(""), mark + 2);
}

/* Puts it where it is read from. */
static void lay_out(const struct input *input)
{
    const char *text = text_of(input);

    publish("none.xml", URLSET(""));
    it_write(site_file(input->kind == ROBOTS ? "robots.txt" : "nothing"), text,
             input->len ? input->len : strlen(text));
}

static void add_input(struct args *args, const struct input *input)
{
    static const char *const option[] = {
        [LIST] = "-i", [TABLE] = "-i", [SITEMAP] = "--sitemap", [ROBOTS] = "--sitemap-from-robots"};

    if (input->kind == TABLE) {
        add(args, "--url-column");
        add(args, "url");
    }
    add(args, option[input->kind]);
    add(args, input->way == FROM_STDIN ? "-" : shown(input));
}

static struct it_run call_with(struct args *args, const struct input *input)
{
    args->argv[args->count] = NULL;
    return it_call(&(struct it_call){.argv = args->argv,
                                     .input = input->way == FROM_STDIN ? text_of(input) : NULL});
}

/* Only reports of lists are made, and only files are read without the network. */
static bool is_possible(const struct input *input, const struct call *call)
{
    bool is_net = input->way == FROM_NET;

    if (is_net && (call->is_dry || !has_nginx))
        return false;
    return !call->is_report || input->kind <= TABLE;
}

static bool is_site(const struct input *input)
{
    return input->kind >= SITEMAP;
}

/* ---- the cells ---- */

static void check_told(const struct it_run *run, const struct input *input, const char *cell)
{
    const char *name = strstr(input->says, "none.xml") ? site_url("") : shown(input);
    const char *said = strstr(run->err, name);

    while (said && !strstr(it_text("%.*s", (int)strcspn(said, "\n"), said), input->says))
        said = strstr(said + 1, name);
    ck_assert_msg(said != NULL, "%s: not told:\n%s%s", cell, run->out, run->err);
}

static void check_status(const struct it_run *run, int wanted, const char *cell)
{
    ck_assert_msg(run->status == wanted, "%s: status %d, not %d:\n%s", cell, run->status, wanted,
                  run->err);
}

static int status_of(const struct input *input, const char *if_empty)
{
    if (input->is_fault || !strcmp(if_empty, "fail"))
        return 3;
    return is_site(input) && !strcmp(if_empty, "auto") ? 3 : 0;
}

START_TEST(input_of_nothing_is_told_and_has_its_status)
{
    const struct input *input = &inputs[_i / CALLS];
    const struct call *call = &calls[_i % CALLS];
    const char *cell = it_text("%s, %s", input->name, call->name);
    struct args args = {.count = 0};
    struct it_run run;

    if (!is_possible(input, call))
        return;
    lay_out(input);
    add_call(&args, call);
    add_input(&args, input);
    run = call_with(&args, input);
    check_told(&run, input, cell);
    check_status(&run, status_of(input, "auto"), cell);
}
END_TEST

/* ---- --if-empty ---- */

static const char *const words[] = {"auto", "fail", "warn", "ignore"};
enum { WORDS = sizeof words / sizeof *words, QUIETS = 3 };

/* What is ignored is ignored, but what cannot be read is none of that. */
START_TEST(option_decides_what_it_is)
{
    const struct input *input = &inputs[_i / WORDS];
    const char *word = words[_i % WORDS];
    const char *cell = it_text("%s, --if-empty %s", input->name, word);
    struct args args = {.argv = {"--quiet-unless", "fail", "--if-empty", word}, .count = 4};
    bool is_ignored = !strcmp(word, "ignore") && !input->is_fault;
    struct it_run run;

    if (input->way == FROM_NET && !has_nginx)
        return;
    lay_out(input);
    add_input(&args, input);
    run = call_with(&args, input);
    check_status(&run, status_of(input, word), cell);
    if (!is_ignored)
        check_told(&run, input, cell);
    else
        ck_assert_msg(!run.out_len && !run.err_len, "%s:\n%s%s", cell, run.out, run.err);
}
END_TEST

/* ---- several inputs ---- */

static const char *const quiets[QUIETS] = {"--progress=none", "-s", "--quiet-unless=fail"};

static struct it_run run_two(const char *quiet, const char *if_empty, const char *second)
{
    it_write(it_path("hole"), BLANKS, strlen(BLANKS));
    return it_haul(IT_ARGS(quiet, "--if-empty", if_empty, "-i", it_path("hole"), "-i", second));
}

static void check_hole_told(const struct it_run *run, const char *name)
{
    ck_assert_msg(strstr(run->err, it_text("%s: " EMPTY, it_path(name))) != NULL, "%s", run->err);
}

static const char *write_full(void)
{
    const char *line = it_text("%s\n", it_url("/size?n=1"));

    it_write(it_path("full.txt"), line, strlen(line));
    return it_path("full.txt");
}

START_TEST(one_of_several_is_told_and_no_error)
{
    struct it_run run = run_two(quiets[_i], "auto", write_full());

    ck_assert_int_eq(run.status, 0);
    check_hole_told(&run, "hole");
    ck_assert_ptr_null(strstr(run.err, "full.txt"));
    run = run_two(quiets[_i], "fail", write_full());
    ck_assert_int_eq(run.status, 3);
    ck_assert_ptr_nonnull(strstr(run.err, "an input without a URL is an error"));
}
END_TEST

START_TEST(each_of_several_is_told)
{
    struct it_run run;

    it_write(it_path("gap"), "", 0);
    run = run_two(quiets[_i], "auto", it_path("gap"));
    ck_assert_int_eq(run.status, 0);
    check_hole_told(&run, "hole");
    check_hole_told(&run, "gap");
}
END_TEST

START_TEST(empty_sitemap_is_an_error_only_where_all_is_empty)
{
    const char *sitemap = site_file("bare.xml");
    struct it_run run;

    publish("bare.xml", URLSET(""));
    run = it_haul(IT_ARGS(quiets[_i], "--sitemap", sitemap, "-i", write_full()));
    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_nonnull(strstr(run.err, "bare.xml: " EMPTY));
    it_write(it_path("gap"), "", 0);
    run = it_haul(IT_ARGS(quiets[_i], "--sitemap", sitemap, "-i", it_path("gap")));
    ck_assert_int_eq(run.status, 3);
    ck_assert_ptr_nonnull(strstr(run.err, "nothing was found at all"));
}
END_TEST

START_TEST(empty_sitemap_beside_others_of_its_index_is_told)
{
    struct it_run run;

    if (!has_nginx)
        return;
    publish("bare.xml", URLSET(""));
    publish_index("some.xml",
                  (const char *const[]){site_url("bare.xml"), site_url("two.xml"), NULL});
    run = it_haul(IT_ARGS(quiets[_i], "--sitemap", site_url("some.xml")));
    ck_assert_int_eq(run.status, 0);
    ck_assert_msg(strstr(run.err, it_text("%s: " EMPTY, site_url("bare.xml"))) != NULL, "%s",
                  run.err);
    ck_assert_ptr_null(strstr(run.err, "two.xml"));
}
END_TEST

enum { MANY = 130, TOLD = 100 };

/* As other messages of a walk: the first hundred, and how many more. */
START_TEST(many_empty_sitemaps_are_told_in_few_lines)
{
    const char *parts[MANY + 1] = {NULL};
    struct it_run run;
    size_t told = 0;

    if (!has_nginx)
        return;
    publish("bare.xml", URLSET(""));
    for (int i = 0; i < MANY; i++)
        parts[i] = site_url(it_text("bare.xml?%d", i));
    publish_index("many.xml", parts);
    run = it_haul(IT_ARGS("-s", "--sitemap", site_url("many.xml")));
    for (const char *at = run.err; (at = strstr(at, EMPTY)) != NULL; at++)
        told++;
    ck_assert_uint_eq(told, TOLD);
    ck_assert_msg(strstr(run.err, "no URL was found in 30 more sitemaps") != NULL, "%s", run.err);
    ck_assert_int_eq(run.status, 3);
    run = it_haul(IT_ARGS("--quiet-unless", "fail", "--sitemap", site_url("many.xml")));
    ck_assert_uint_lt(it_lines(run.err), 50);
    ck_assert_ptr_nonnull(strstr(run.err, "more messages"));
}
END_TEST

/* ---- what is something ---- */

/* A mail only where there is something to tell: what need not be fetched was found. */
START_TEST(what_is_left_out_was_found)
{
    const char *journal = it_path("left-out"), *list = write_full();
    struct it_run run =
        it_haul(IT_ARGS("--journal", journal, "--if-empty", "fail", "-i", list, "-i", list));

    ck_assert_int_eq(run.status, 0);
    run = it_haul(IT_ARGS("--journal", journal, "--resume", "--unique", "--quiet-unless", "fail",
                          "--if-empty", "fail", "-i", list, "-i", list));
    ck_assert_int_eq(run.status, 0);
    ck_assert_msg(!run.out_len && !run.err_len, "%s%s", run.out, run.err);
}
END_TEST

/* A line that is no URL has a row, which says so. */
START_TEST(what_is_no_url_was_found)
{
    struct it_run run = it_call(&(struct it_call){.argv = IT_ARGS("--if-empty", "fail", "-i", "-"),
                                                  .input = "  out=x\nhttp//x\n"});

    ck_assert_int_eq(run.status, 1);
    ck_assert_ptr_null(strstr(run.err, EMPTY));
}
END_TEST

/* ---- inputs that never come to their end ---- */

static const char *const kinds[][2] = {
    {"-i", "--no-unique"}, {"-i", "--url-column=1"}, {"--sitemap", "--no-unique"}};
static const char *const manners[] = {"--no-quiet", "--quiet", "--quiet-unless=fail",
                                      "--quiet-unless=change", "--if-empty=ignore"};
enum { KINDS = sizeof kinds / sizeof *kinds, MANNERS = sizeof manners / sizeof *manners };

/* The time is over before anything has come: what would have come is not known. */
START_TEST(input_that_is_not_read_to_its_end_is_told_and_worth_another_run)
{
    const char *const *kind = kinds[_i / MANNERS];
    struct it_process *process = it_start(&(struct it_call){
        .argv = IT_ARGS(kind[0], "-", kind[1], manners[_i % MANNERS], "--history",
                        it_path(it_text("waits-%d", _i)), "--max-duration", "1ms"),
        .keep_input = true});
    struct it_run run;

    while (!it_has_ended(process))
        continue;
    run = it_finish(process);
    ck_assert_int_eq(run.status, 75);
    ck_assert_msg(strstr(run.err, "the input was not read to its end") != NULL, "%s", run.err);
}
END_TEST

/* ---- journals without a row ---- */

START_TEST(journal_of_nothing_is_told)
{
    const char *journal = it_path(it_text("of-nothing-%d", _i));
    const char *quiet = _i ? "--quiet" : "--no-quiet";
    struct it_run run = it_haul(IT_ARGS("-s", "--journal", journal, "-i", "/dev/null"));

    ck_assert_int_eq(run.status, 0);
    run = it_haul(IT_ARGS("report", quiet, journal));
    ck_assert_int_eq(run.status, 0);
    ck_assert_msg(strstr(run.err, it_text("%s: " EMPTY ": its run has found none", journal)), "%s",
                  run.err);
    it_write(journal, "", 0);
    run = it_haul(IT_ARGS("report", quiet, "--if-empty", "fail", journal));
    ck_assert_int_eq(run.status, 3);
    ck_assert_msg(strstr(run.err, it_text("%s: " EMPTY ": it is empty", journal)), "%s", run.err);
}
END_TEST

/* A journal with a row that no input below has: reports of lists are made from it. */
static void begin(void)
{
    struct it_run run;

    begin_site();
    run = it_haul(IT_ARGS("--journal", it_path("DONE"), it_url("/size?n=1")));
    ck_assert_int_eq(run.status, 0);
}

int main(void)
{
    Suite *suite = suite_create("nothing_found");
    TCase *tcase = tcase_create("cells");

    tcase_add_unchecked_fixture(tcase, begin, end_site);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, input_of_nothing_is_told_and_has_its_status, 0, INPUTS * CALLS);
    tcase_add_loop_test(tcase, option_decides_what_it_is, 0, INPUTS * WORDS);
    tcase_add_loop_test(tcase, one_of_several_is_told_and_no_error, 0, QUIETS);
    tcase_add_loop_test(tcase, each_of_several_is_told, 0, QUIETS);
    tcase_add_loop_test(tcase, empty_sitemap_is_an_error_only_where_all_is_empty, 0, QUIETS);
    tcase_add_loop_test(tcase, empty_sitemap_beside_others_of_its_index_is_told, 0, QUIETS);
    tcase_add_test(tcase, many_empty_sitemaps_are_told_in_few_lines);
    tcase_add_test(tcase, what_is_left_out_was_found);
    tcase_add_test(tcase, what_is_no_url_was_found);
    tcase_add_loop_test(tcase, input_that_is_not_read_to_its_end_is_told_and_worth_another_run, 0,
                        KINDS * MANNERS);
    tcase_add_loop_test(tcase, journal_of_nothing_is_told, 0, 2);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
