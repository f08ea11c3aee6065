#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "failed_world.h"
#include "haul/record.h"
#include "model/job.h"
#include "report/entry_text.h"
#include "report/failed.h"
#include "report/row.h"

/*
 * What --save-failed writes, read again by the very readers of lists, asks for the same: lists of
 * every kind, made at random from a seed, once around.
 */

enum { ENTRIES = 40, SEEDS = 60 };

/* ---- lists made at random ---- */

static unsigned pick(unsigned most)
{
    return (unsigned)rand() % most;
}

static const char *const urls[] = {
    "http://a.example/x",
    "http://a2.example/x",
    "http://a3.example/x/y",
    "HTTPS://B.example:443/y?q=1#frag",
    "c.example/no scheme",
    "d.example:8080",
    "http://e.example/\xc3\xbc \xff?\xe2\x82\xac",
    ("http://b\xc3\xbc"
     "cher.example/"),
    "http:f.example/a%20b",
    "http://g.example/a,b;c\"d'e|f",
    "http://[::1]:81/=x?out=y",
};

static void add_url(struct haul_buf *list)
{
    haul_buf_add_str(list, urls[pick(sizeof urls / sizeof *urls)]);
}

static void add_key(struct haul_buf *list)
{
    static const char *const keys[] = {
        "out=a b.img",
        "out = = x",
        "dir=sub/er",
        "dir=/abs//olute",
        "checksum=SHA-1=00000000000000000000000000000000000000aF",
        "checksum=md5=000000000000000000000000000000aF",
        "header=X-A: b",
        "header=X-A: c=d",
        "header=Accept;",
        "referer=http://r/ #x",
        "user-agent=me # 1",
        "http-user=\xc3\xbc",
        "max-tries=0",
        "max-tries=3",
        "retry-wait=600",
        "timeout=1",
        "connect-timeout=7",
        "lowest-speed-limit=2K",
        "split=4",
    };

    haul_buf_addf(list, "%s%s\n", pick(2) ? " " : "\t  ", keys[pick(sizeof keys / sizeof *keys)]);
}

static void add_plain(struct haul_buf *list)
{
    add_url(list);
    for (unsigned i = pick(2) ? pick(5) : 0; i; i--) {
        haul_buf_add_char(list, '\t');
        if (pick(3) == 0)
            haul_buf_add_str(list, pick(2) ? "https://m.example/1 2" : "http://n.example?");
        else if (pick(2))
            haul_buf_add_str(list, pick(2) ? "0.97 \xc3\xa4" : "# l");
    }
    if (pick(8) == 0)
        haul_buf_add_str(list, " # note");
    haul_buf_add_char(list, '\n');
    for (unsigned i = pick(2) ? pick(6) : 0; i; i--)
        add_key(list);
}

/* Each form of a name that depends on what else is in the list, and each that has URLs meet. */
START_TEST(plain_lists_go_around)
{
    static const char *const names[] = {"path", "{n}",       "flat", "{line:04}-{name}",
                                        "x",    "d/{n}{ext}"};
    struct haul_source source[] = {{HAUL_SOURCE_FILE, "list"},
                                   {HAUL_SOURCE_URL, "http://u.example/a #b"},
                                   {HAUL_SOURCE_URL, " u.example/\xc3\xa4 "}};
    struct haul_config config;
    struct haul_buf list;

    haul_config_init(&config);
    config.dir = "dir";
    config.name = names[_i % 6];
    config.source = source;
    config.source_count = 3;
    haul_buf_init(&list, 0);
    srand((unsigned)_i);
    for (int i = 0; i < ENTRIES; i++)
        add_plain(&list);
    write_file("list", &list);
    ck_assert_uint_eq(go_around(&config, true), 0);
    ck_assert_str_eq(haul_buf_str(&told), "");
    config.list_keys = (enum haul_list_keys)(_i % 3);
    if (config.list_keys == HAUL_LIST_KEYS_NONE)
        config.dir = NULL; /* no name can be said then */
    ck_assert_uint_eq(go_around(&config, true), 0);
    haul_buf_done(&list);
    remove_files();
}
END_TEST

/* ---- tables ---- */

static void add_cell(struct haul_buf *list, const char *text)
{
    haul_buf_add_char(list, '"');
    for (; *text; text++)
        haul_buf_addf(list, *text == '"' ? "\"\"" : "%c", *text);
    haul_buf_add_char(list, '"');
}

static void add_row(struct haul_buf *list, unsigned columns, unsigned url)
{
    static const char *const cells[] = {"",         "x",    "a,b",     "\"q\"", "1\r\n2\n", " y ",
                                        "\xc3\xbc", "=1+1", "-a;b\tc", "# z",   "\\",       "'"};

    for (unsigned i = 0; i < columns; i++) {
        if (i)
            haul_buf_add_char(list, ',');
        add_cell(list, i == url ? urls[pick(sizeof urls / sizeof *urls)]
                                : cells[pick(sizeof cells / sizeof *cells)]);
    }
    haul_buf_add_str(list, pick(2) ? "\r\n" : "\n");
}

static void write_table(const char *name, const char *header, unsigned columns, unsigned url)
{
    struct haul_buf list;

    haul_buf_init(&list, 0);
    haul_buf_add_str(&list, header);
    for (int i = 0; i < ENTRIES; i++)
        add_row(&list, columns, url);
    write_file(name, &list);
    haul_buf_done(&list);
}

static const struct {
    const char *column, *header, *header2; /* of the second list, or NULL: there is none */
    unsigned columns, url, columns2, url2;
    bool has_url; /* of the command line */
    const char *told;
} tables[] = {
    {"link", "tag,link,\"a \"\"b\"\"\n\"\n", NULL, 3, 1, 0, 0, false,
     "saved: this is a table; it is read again with --url-column 'link'\n"},
    {"2", "tag,link,x\r\n", NULL, 3, 1, 0, 0, true,
     "saved: this is a table; it is read again with --url-column 2\n"},
    {"it's", "it's\n", NULL, 1, 0, 0, 0, true,
     "saved: this is a table; it is read again with --url-column 'it'\\''s'\n"},
    {"link", "tag,link,x\n", "link,y,tag\n", 3, 1, 3, 0, true,
     "saved: this is a table; it is read again with --url-column 'link'\n"},
    {"2", "tag,link\n", "link,url,x,y\n", 2, 1, 4, 1, false,
     "saved: this is a table; it is read again with --url-column 2\n"},
    {"2", NULL, NULL, 3, 1, 0, 0, true,
     "saved: this is a table; it is read again with --url-column 2 --no-header\n"},
    {"3", NULL, "", 3, 2, 5, 2, false,
     "saved: this is a table; it is read again with --url-column 3 --no-header\n"},
};

/* A name that is that of the URL's column in another table must give way. */
static void check_table(int i)
{
    struct haul_source source[3] = {{HAUL_SOURCE_FILE, "list"}};
    struct haul_config config;

    haul_config_init(&config);
    config.source = source;
    config.source_count = 1;
    config.url_column = tables[i].column;
    config.table_head = tables[i].header ? HAUL_TABLE_HEAD_YES : HAUL_TABLE_HEAD_NO;
    write_table("list", tables[i].header ? tables[i].header : "", tables[i].columns, tables[i].url);
    if (tables[i].header2) {
        write_table("list2", tables[i].header2, tables[i].columns2, tables[i].url2);
        source[config.source_count++] = (struct haul_source){HAUL_SOURCE_FILE, "list2"};
    }
    if (tables[i].has_url)
        source[config.source_count++] =
            (struct haul_source){HAUL_SOURCE_URL, "http://u.example/a,b"};
    ck_assert_uint_eq(go_around(&config, true), 0);
    ck_assert_str_eq(haul_buf_str(&told), tables[i].told);
    remove_files();
}

START_TEST(tables_go_around)
{
    for (int seed = 0; seed < SEEDS; seed++) {
        srand((unsigned)seed);
        check_table(_i);
    }
}
END_TEST

/* Once around with one list. Returns what is saved, the caller's. */
static char *save_list(struct haul_config *config, const char *text, size_t lost)
{
    struct haul_source source = {HAUL_SOURCE_FILE, "list"};
    struct haul_buf list;
    char *saved;

    haul_buf_init(&list, 0);
    haul_buf_add_str(&list, text);
    config->source = &source;
    config->source_count = 1;
    write_file("list", &list);
    ck_assert_uint_eq(go_around(config, true), lost);
    saved = read_file("saved");
    haul_buf_done(&list);
    remove_files();
    return saved;
}

static void check_list(struct haul_config *config, const char *list, size_t lost,
                       const char *wanted)
{
    char *saved = save_list(config, list, lost);

    ck_assert_str_eq(saved, wanted);
    free(saved);
}

START_TEST(table_of_one_header_keeps_it)
{
    struct haul_config config;

    haul_config_init(&config);
    config.url_column = "url";
    check_list(&config,
               "tag,url,\"a \"\"b\"\"\"\nx,http://a/,\"1\n2\"\n"
               "\"=y\",http://u:p@b/,z\n",
               1,
               "tag,url,\"a \"\"b\"\"\"\nx,http://a/,\"1\n2\"\n"
               "=y,\"# failed: timeout: list:4: not written, for it holds a secret: "
               "http://b/\",z\n");
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&told), "saved: 1 entry with a password"));
}
END_TEST

START_TEST(secret_cell_is_written_nowhere)
{
    struct haul_config config;
    char *saved;

    haul_config_init(&config);
    config.url_column = "url";
    saved = save_list(&config,
                      "tag,url,from\nx,http://a/,ftp://u:geheim@b/\ny,http://c/,"
                      "\"ftp://b/@x http://b?x@y\"\n",
                      1);
    ck_assert_ptr_null(strstr(saved, "geheim"));
    ck_assert_ptr_nonnull(strstr(saved, "\ny,http://c/,"));
    free(saved);
}
END_TEST

START_TEST(other_forms_of_tables_go_around)
{
    static const struct {
        const char *column, *list, *saved, *told;
        char delimiter;
    } forms[] = {
        {"url", "tag;url\n\"a;b\";http://a/\n", "tag;url\n\"a;b\";http://a/\n",
         "'url' --delimiter ';'\n", ';'},
        {"2", "tag\turl\n{\thttp://a/\n", "tag\turl\n\"{\"\thttp://a/\n", "2 --delimiter 'tab'\n",
         '\t'},
        {"url", "tag;url\n\"a,b\";http://a/\n", "tag,url\n\"a,b\",http://a/\n", "'url'\n", 0},
        {"a.b",
         "{\"n\": 1e400, \"a\": {\"b\": \"http://a/\"}, \"x\": [1, 2]}\n"
         "{\"a.b\": \"http://b/\", \"{\": \"l\\n,\"}\n",
         "n,a.b,x,\"{\"\n1e400,http://a/,\"[1, 2]\",\"\"\n\"\",http://b/,\"\",\"l\n,\"\n",
         "'a.b'\n", 0},
        {NULL, "{\"outcome\": \"ok\", \"url\": \"http://a/\", \"attached\": null}\n",
         "# failed: timeout: list:1\nhttp://a/\n", NULL, 0},
        {NULL, "outcome,url,http_code\nok,http://a/,200\n",
         "# failed: timeout: list:2\nhttp://a/\n", NULL, 0},
    };

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct haul_config config;

        haul_config_init(&config);
        config.url_column = forms[i].column;
        config.delimiter = forms[i].delimiter;
        check_list(&config, forms[i].list, 0, forms[i].saved);
        if (forms[i].told)
            ck_assert_ptr_nonnull(strstr(haul_buf_str(&told), forms[i].told));
    }
}
END_TEST

/* A line of JSON may hold more than a row of cells. */
START_TEST(line_too_long_for_a_row_is_a_comment)
{
    struct haul_config config;
    struct haul_buf list;

    haul_config_init(&config);
    config.url_column = "url";
    haul_buf_init(&list, 0);
    haul_buf_add_str(&list, "{\"url\": \"http://a/\", \"x\": \"");
    haul_buf_pad(&list, 'x', HAUL_ENTRY_LINE_MAX + 1);
    haul_buf_add_str(&list, "\"}\n{\"url\": \"http://b/\", \"x\": \"y\"}\n");
    check_list(&config, haul_buf_str(&list), 1,
               "url,x\n\"# more than a row may hold: http://a/\",\"\"\n"
               "http://b/,y\n");
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&told), "saved: 1 entry with mirrors, keys"));
    haul_buf_done(&list);
}
END_TEST

/* ---- secrets ---- */

static const char *const secrets[] = {
    "http://u:geheim@a.example/\n",
    "geheim@a.example/\n",
    "http://a.example/?token=geheim\n",
    "http://a.example/;token=geheim\n",
    "http://a.example/\thttp://u:geheim@b.example/\n",
    "http://a.example/\thttp://b.example/?token=geheim\n",
    "http://a.example/\n http-user=u\n http-passwd=geheim\n",
    "http://a.example/\n header=Authorization: geheim\n",
    "http://a.example/\n header=cookie: geheim\n",
    "http://a.example/\n header=X-Api-Key: geheim\n",
    "http://a.example/\n header=X-From: http://x/?token=geheim\n",
    "http://a.example/\n referer=http://x/?token=geheim\n",
    "http://a.example/\n referer=http://u:geheim@x/\n",
    "http://a.example/\n out=x?token=geheim\n",
    "http://a.example/\n header=Referer: http://u:geheim@x/\n",
    "http://a.example/\n header=X-From: see https://geheim@x\n",
    "http://a.example/\n user-agent=me (+http://geheim@x/)\n",
    "http://a.example/\tlabel ftp://u:geheim@x/\n",
    "http://a.example/\n header=X-Credential: geheim\n",
    "http://a.example/\n header=X-JWT: geheim\n",
    "http://a.example/\n header=X-Signature: geheim\n",
    "http://a.example/\n header=CF-Access-Id: geheim\n",
    "http://a.example/\n header=Bearer: geheim\n",
};

START_TEST(secret_is_written_nowhere)
{
    const char *rule = "token";
    struct haul_config config;
    struct haul_buf list;
    char *saved;

    haul_config_init(&config);
    config.redact = (struct haul_strings){&rule, 1};
    config.list_keys = HAUL_LIST_KEYS_ALL;
    haul_buf_init(&list, 0);
    haul_buf_addf(&list, "http://z.example/\n%s", secrets[_i]);
    saved = save_list(&config, haul_buf_str(&list), 1);
    ck_assert_ptr_null(strstr(saved, "geheim"));
    ck_assert_ptr_nonnull(strstr(saved, "# failed: timeout: list:2: not written, for it holds a "
                                        "secret: "));
    ck_assert_str_eq(haul_buf_str(&told),
                     "saved: 1 entry with a password, another secret or more than a line may hold: "
                     "written as comments only\n");
    free(saved);
    haul_buf_done(&list);
}
END_TEST

/* What is too long is no secret, and is not called one. */
START_TEST(entry_longer_than_a_line_says_so)
{
    char url[HAUL_ENTRY_LINE_MAX];
    struct haul_buf text, row;
    struct haul_entry_options options;
    struct haul_mirror mirror = {.url = url};
    struct haul_record rec;

    memset(url, 'x', sizeof url - 1);
    url[sizeof url - 1] = '\0';
    haul_entry_options_init(&options);
    options.mirrors = &mirror;
    options.mirror_count = 1;
    haul_record_init(&rec);
    rec.url = "http://a/";
    rec.outcome = HAUL_OUTCOME_FAILED;
    rec.reason = HAUL_REASON_TIMEOUT;
    haul_buf_init(&text, 0);
    haul_buf_init(&row, 0);
    haul_entry_text_note(&rec, rec.url, &options, false, NULL, &text);
    haul_row_save_failed(&row, &rec);
    ck_assert_str_eq(haul_buf_str(&row), "# failed: timeout: not written, for it is longer than a "
                                         "line may be: http://a/\n");
    haul_buf_done(&text);
    haul_buf_done(&row);
}
END_TEST

/* ---- records of journals ---- */

static struct haul_failed *begin_saving(struct haul_record *rec, int *fd)
{
    static struct haul_config config;
    struct haul_failed *failed;

    haul_config_init(&config);
    config.save_failed = "saved";
    *fd = open("saved", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert_int_eq(haul_failed_create(&config, *fd, &failed, &told), HAUL_OK);
    haul_buf_clear(&told);
    haul_record_init(rec);
    rec->outcome = HAUL_OUTCOME_FAILED;
    rec->reason = HAUL_REASON_TIMEOUT;
    return failed;
}

/* What is in the file then, and with what words the user is told of it. */
static void end_saving(struct haul_failed *failed, int fd, const char *wanted, const char *said)
{
    char *saved;

    ck_assert_int_eq(haul_failed_finish(failed, &told), HAUL_OK);
    haul_failed_free(failed);
    ck_assert_int_eq(close(fd), 0);
    saved = read_file("saved");
    ck_assert_str_eq(saved, wanted);
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&told), said));
    free(saved);
    remove_files();
}

START_TEST(record_without_entry_is_told)
{
    struct haul_record rec;
    int fd;
    struct haul_failed *failed = begin_saving(&rec, &fd);

    rec.url = "http://a/";
    haul_failed_add(failed, &rec);
    rec.url = "http://b/?t=***";
    haul_failed_add(failed, &rec);
    end_saving(failed, fd,
               "# failed: timeout\nhttp://a/\n"
               "# failed: timeout: not written, for it holds a secret: http://b/?t=***\n",
               "saved: 1 entry of a journal without what");
}
END_TEST

START_TEST(entry_that_says_more_is_a_comment_in_a_table)
{
    const struct haul_attached tag = {"tag", "x"};
    struct haul_record rec;
    int fd;
    struct haul_failed *failed = begin_saving(&rec, &fd);

    rec.url = "http://a/";
    rec.entry = "http://a/\n out=x\n";
    haul_failed_add(failed, &rec);
    rec.entry = "";
    haul_failed_add(failed, &rec);
    rec.url = "http://b/";
    rec.url_place = 2;
    rec.url_column = "tag_";
    rec.attached = &tag;
    rec.attached_count = 1;
    haul_failed_add(failed, &rec);
    end_saving(failed, fd,
               "tag,tag_\n\"\",\"# failed: timeout: http://a/\"\n\"\",http://a/\nx,http://b/\n",
               "saved: 1 entry with mirrors, keys");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("failed");
    TCase *tcase = tcase_create("failed");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(tcase, enter_directory, leave_directory);
    tcase_add_loop_test(tcase, plain_lists_go_around, 0, SEEDS);
    tcase_add_loop_test(tcase, tables_go_around, 0, sizeof tables / sizeof *tables);
    tcase_add_test(tcase, other_forms_of_tables_go_around);
    tcase_add_test(tcase, line_too_long_for_a_row_is_a_comment);
    tcase_add_test(tcase, table_of_one_header_keeps_it);
    tcase_add_test(tcase, secret_cell_is_written_nowhere);
    tcase_add_loop_test(tcase, secret_is_written_nowhere, 0, sizeof secrets / sizeof *secrets);
    tcase_add_test(tcase, entry_longer_than_a_line_says_so);
    tcase_add_test(tcase, record_without_entry_is_told);
    tcase_add_test(tcase, entry_that_says_more_is_a_comment_in_a_table);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
