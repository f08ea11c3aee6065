#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/scratch.h"
#include "input/walk.h"
#include "list_world.h"

/*
 * What cannot be seen around a URL is left out in each kind of input, and told once for each, when
 * it has come to its end. What one says is written down as "LINE [TEXT]| MIRROR NAME=VALUE", and
 * what it is warned of as "! WARNING".
 */

#define NBSP "\xc2\xa0"
#define SHY "\xc2\xad"
#define ZWSP "\xe2\x80\x8b"
#define ZWNJ "\xe2\x80\x8c"
#define ZWJ "\xe2\x80\x8d"
#define LRM "\xe2\x80\x8e"
#define WJ "\xe2\x81\xa0"
#define BOM "\xef\xbb\xbf"
#define WIDE "\xe3\x80\x80" /* ideographic space */
#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static struct haul_buf told;

static void tell(const struct haul_list_entry *entry)
{
    haul_buf_addf(&told, "%llu [%.*s]", (unsigned long long)entry->line, (int)entry->len,
                  entry->text);
    for (size_t i = 0; i < entry->mirror_count; i++)
        haul_buf_addf(&told, "| %s", entry->mirror[i]);
    for (size_t i = 0; entry->options && i < entry->options->attached_count; i++)
        haul_buf_addf(&told, " %s=%s", entry->options->attached[i].name,
                      entry->options->attached[i].value);
    if (entry->options && entry->options->out)
        haul_buf_addf(&told, " out=%s", entry->options->out);
    if (entry->reason)
        haul_buf_addf(&told, " reason %d", (int)entry->reason);
    haul_buf_add_char(&told, '\n');
}

/* Robots.txt, or a sitemap. */
static const char *const pages[] = {"Sitemap: " NBSP "http://a.test/1.xml\nSitemap:" ZWSP
                                    "\nSitemap: 2.xml" BOM "\n",
                                    "<urlset><url><loc>http://a.test/x</loc></url></urlset>"};

static enum haul_err fetch(void *arg, const struct haul_walk_request *request,
                           struct haul_walk_answer *answer, struct haul_buf *problem)
{
    const char *page = pages[!strstr(request->url->url, "/robots.txt")];

    (void)problem;
    (void)arg;
    answer->fd = haul_scratch_open(NULL);
    answer->was_cut = false;
    ck_assert_int_eq(write(answer->fd, page, strlen(page)), (ssize_t)strlen(page));
    ck_assert_int_eq(lseek(answer->fd, 0, SEEK_SET), 0);
    haul_buf_add_str(&answer->effective, request->url->url);
    return HAUL_OK;
}

/* All that the sources say. */
static const char *read_all(const struct haul_source *source, size_t count, const char *column)
{
    const struct haul_table_form form = {.column = column, .head = HAUL_TABLE_HEAD_YES};
    struct haul_config config;
    const struct haul_walk_env env = {.config = &config, .fetch = fetch};
    struct haul_walk *walk;
    struct haul_list *list;
    struct haul_list_entry entry;
    enum haul_err err;

    haul_buf_done(&told);
    haul_config_init(&config);
    ck_assert_int_eq(haul_walk_create(&env, &walk), HAUL_OK);
    ck_assert_int_eq(haul_list_create(source, count, &form, NULL, &list, &message), HAUL_OK);
    haul_list_use_walk(list, walk);
    do {
        err = haul_list_next(list, &entry);
        if (!err)
            tell(&entry);
        if (*haul_list_warning(list))
            haul_buf_addf(&told, "! %s\n", haul_list_warning(list));
        if (*haul_list_nothing(list))
            haul_buf_addf(&told, "? %s\n", haul_list_nothing(list));
    } while (!err || err == HAUL_ERR_AGAIN);
    ck_assert_int_eq(err, HAUL_ERR_END);
    haul_list_free(list);
    haul_walk_free(walk);
    haul_config_done(&config);
    return haul_buf_str(&told);
}

#define LEFT_OUT "characters that cannot be seen are left out around "

static const struct {
    const char *text, *column, *wanted;
    bool is_sitemap;
} inputs[] = {
    /* lists */
    {"http://a/1\n" NBSP "http://a/2\n" ZWSP BOM " http://a/3" WJ "\r\n", NULL,
     "1 [http://a/1]\n2 [http://a/2]\n3 [http://a/3]\n! f:2: " LEFT_OUT "2 URLs, here U+00A0\n",
     false},
    {"http://a/1" SHY "\n", NULL, "1 [http://a/1]\n! f:1: " LEFT_OUT "1 URL, here U+00AD\n", false},
    /* ... inside a URL they stay, and so does what is no UTF-8 */
    {"http://a/" NBSP "x" ZWNJ "y\nhttp://a/\xa0\n", NULL,
     "1 [http://a/" NBSP "x" ZWNJ "y]\n2 [http://a/\xa0]\n", false},
    /* ... a line of nothing else is blank, and comments are comments */
    {NBSP "\n" BOM "# c\n" WIDE " \n", NULL,
     "? f: no URL was found in it: its 3 lines are blank or comments\n", false},
    /* ... mirrors; labels and values are no URLs */
    {"http://a/" NBSP "\t" LRM "http://b/\tx" NBSP "\n" NBSP "\thttp://c/\n  out=y" NBSP "\n", NULL,
     "1 [http://a/]| http://b/ column3=x" NBSP "\n"
     "! f:1: what stands behind a tab without a scheme is no mirror: it is a label, and goes into "
     "the report as 'column2' and so on\n"
     "2 [http://c/] out=y" NBSP "\n! f:1: " LEFT_OUT "2 URLs, here U+00A0\n",
     false},
    /* ... before a note */
    {"http://a/" NBSP " # n\n", NULL,
     "1 [http://a/]\n! f:1: what stands behind a blank and '#' is a note, and left out; a '#' "
     "right behind the URL begins its fragment, and comments have lines of their own\n"
     "! f:1: " LEFT_OUT "1 URL, here U+00A0\n",
     false},
    /* tables */
    {"n,u\n1" NBSP "," NBSP "http://a/1\n2,\"http://a/2\n" ZWSP "\"\n3,http://a/3\n", "u",
     "2 [http://a/1] n=1" NBSP "\n3 [http://a/2\n] n=2 reason 27\n"
     "5 [http://a/3] n=3\n! f:2: " LEFT_OUT "2 URLs, here U+00A0\n",
     false},
    {"{\"u\":\"\\u200bhttp://a/1\\u00a0\",\"n\":\"\\u00a0\"}\n{\"u\":\"http://a/2\"}\n", "u",
     "1 [http://a/1] n=" NBSP "\n2 [http://a/2]\n! f:1: " LEFT_OUT "1 URL, here U+200B\n", false},
    /* sitemaps */
    {"<urlset><url><loc>http://a/1</loc></url>\n<url><loc>\n&#xFEFF; http://a/2" NBSP
     "</loc></url><url><loc>" ZWJ "http://a/3</loc></url></urlset>",
     NULL,
     "1 [http://a/1]\n2 [http://a/2]\n3 [http://a/3]\n! f; line 2: " LEFT_OUT
     "2 URLs, here U+FEFF\n",
     true},
    {"<urlset><url><loc>" NBSP "http://a/1</loc></url><x:y/><url><loc>http://a/2" NBSP
     "</loc></url></urlset>",
     NULL,
     "1 [http://a/1]\n1 [http://a/2]\n! f; line 1: unbound prefix; read tolerantly from there, "
     "which saved 1 entries; line 1: " LEFT_OUT "2 URLs, here U+00A0\n",
     true},
    {BOM "\n" NBSP "\nhttp://a/1\r\n\t" BOM "http://a/2" NBSP "\n", NULL,
     "3 [http://a/1]\n4 [http://a/2]\n! f; line 4: " LEFT_OUT "1 URL, here U+FEFF\n", true},
};

START_TEST(unseen_characters_around_a_url_are_left_out_and_told)
{
    const struct haul_source source = {
        inputs[_i].is_sitemap ? HAUL_SOURCE_SITEMAP : HAUL_SOURCE_FILE, "f"};

    write_file("f", inputs[_i].text);
    ck_assert_str_eq(read_all(&source, 1, inputs[_i].column), inputs[_i].wanted);
}
END_TEST

/* Once for all that the command line has, behind it; each list for itself. */
START_TEST(command_line_and_each_list_are_told_for_themselves)
{
    static const struct haul_source source[] = {
        {HAUL_SOURCE_URL, "http://a/1"},      {HAUL_SOURCE_FILE, "f"},
        {HAUL_SOURCE_URL, NBSP "http://a/2"}, {HAUL_SOURCE_FILE, "f"},
        {HAUL_SOURCE_URL, "http://a/3" ZWSP}, {HAUL_SOURCE_URL, NBSP}};

    write_file("f", "http://b/" NBSP);
    ck_assert_str_eq(read_all(source, COUNT(source), NULL),
                     "1 [http://a/1]\n1 [http://b/]\n! f:1: " LEFT_OUT "1 URL, here U+00A0\n"
                     "2 [http://a/2]\n1 [http://b/]\n! f:1: " LEFT_OUT "1 URL, here U+00A0\n"
                     "3 [http://a/3]\n4 []\n! URL of the command line:2: " LEFT_OUT
                     "3 URLs, here U+00A0\n");
}
END_TEST

START_TEST(robots_and_what_names_a_sitemap_are_trimmed_and_told)
{
    static const struct haul_source source[] = {
        {HAUL_SOURCE_ROBOTS, ZWSP "http://a.test/"},
        {HAUL_SOURCE_SITEMAP, NBSP "http://a.test/3.xml" NBSP}};

    ck_assert_str_eq(read_all(source, COUNT(source), NULL),
                     "! --sitemap-from-robots: " LEFT_OUT "1 URL, here U+200B\n"
                     "1 [http://a.test/x]\n1 [http://a.test/x]\n"
                     "! http://a.test/robots.txt:1: " LEFT_OUT "2 URLs, here U+00A0\n"
                     "! --sitemap: " LEFT_OUT "1 URL, here U+00A0\n1 [http://a.test/x]\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trims");
    TCase *tcase = tcase_create("trims");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, enter_directory, leave_directory);
    tcase_add_loop_test(tcase, unseen_characters_around_a_url_are_left_out_and_told, 0,
                        COUNT(inputs));
    tcase_add_test(tcase, command_line_and_each_list_are_told_for_themselves);
    tcase_add_test(tcase, robots_and_what_names_a_sitemap_are_trimmed_and_told);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
