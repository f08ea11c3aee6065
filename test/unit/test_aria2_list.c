#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "input/aria2_list.h"

/* What a list says, as text: one line for each entry. */
static struct haul_buf told;

static void write_text(const char *name, const char *value)
{
    if (value)
        haul_buf_addf(&told, " %s=%s", name, value);
}

static void write_number(const char *name, long long value)
{
    if (value >= 0)
        haul_buf_addf(&told, " %s=%lld", name, value);
}

static void write_said(const struct haul_entry_options *said)
{
    write_text("out", said->out);
    write_text("dir", said->dir);
    write_text("checksum", said->checksum);
    write_text("referer", said->referer);
    write_text("agent", said->user_agent);
    write_text("user", said->user);
    write_text("password", said->password);
    for (size_t i = 0; i < said->header_count; i++)
        write_text("header", said->headers[i]);
    write_number("tries", said->max_tries);
    write_number("wait", said->retry_wait_ms);
    write_number("timeout", said->timeout_ms);
    write_number("connect", said->connect_timeout_ms);
    write_number("speed", said->speed_limit);
}

static void write_entry(const struct haul_aria2_list *entries, const struct haul_list_entry *entry)
{
    haul_buf_addf(&told, "%llu [", (unsigned long long)entry->line);
    haul_buf_add(&told, entry->text, entry->len);
    haul_buf_add_char(&told, ']');
    if (entry->reason != HAUL_REASON_NONE && entry->reason != HAUL_REASON_BAD_ENTRY)
        haul_buf_addf(&told, " reason %d", (int)entry->reason);
    for (size_t i = 0; i < entry->mirror_count; i++)
        haul_buf_addf(&told, " | %s", entry->mirror[i]);
    if (entry->options)
        write_said(entry->options);
    for (size_t i = 0; entry->options && i < entry->options->attached_count; i++)
        write_text(entry->options->attached[i].name, entry->options->attached[i].value);
    if (entry->problem)
        haul_buf_addf(&told, " BAD %s", entry->problem);
    if (*haul_aria2_list_warning(entries))
        haul_buf_addf(&told, " WARN %s", haul_aria2_list_warning(entries));
    haul_buf_add_char(&told, '\n');
}

static void read_on(struct haul_aria2_list *entries)
{
    struct haul_list_entry entry;

    while (haul_aria2_list_next(entries, &entry) == HAUL_OK)
        write_entry(entries, &entry);
}

/* Reads a list in pieces of `piece` bytes. */
static const char *read_list_as(const char *text, size_t len, size_t piece,
                                enum haul_list_keys keys)
{
    const struct haul_setting_rules rules = {.keys = keys, .root = "/d"};
    struct haul_setting_told setting_told = {.dir = false};
    struct haul_aria2_list entries;

    haul_buf_done(&told);
    haul_aria2_list_init(&entries, &rules, &setting_told);
    for (size_t at = 0; at < len; at += piece) {
        haul_feed_add(&entries.lines.feed, text + at, len - at < piece ? len - at : piece);
        read_on(&entries);
    }
    haul_feed_finish(&entries.lines.feed);
    read_on(&entries);
    haul_aria2_list_done(&entries);
    return haul_buf_str(&told);
}

static const char *read_list(const char *text, size_t len, size_t piece)
{
    return read_list_as(text, len, piece, HAUL_LIST_KEYS_SAFE);
}

static const struct {
    const char *list, *wanted;
} table[] = {
    {"", ""},
    {"http://a/\nhttp://b/\n", "1 [http://a/]\n2 [http://b/]\n"},
    /* a plain list, however it is indented, is as ever */
    {"  http://a/\n\thttp://b/?x=1\n x\n", "1 [http://a/]\n2 [http://b/?x=1]\n3 [x]\n"},
    {"http://a/\n a.b=c\n", "1 [http://a/]\n2 [a.b=c]\n"},
    {"http://a/\nout=x\n", "1 [http://a/]\n2 [out=x]\n"},
    /* aria2c(1), "Input File": its own example */
    {"http://server/file.iso\thttp://mirror/file.iso\n  dir=/iso_images\n  out=file.img\n"
     "http://foo/bar\n",
     "1 [http://server/file.iso] | http://mirror/file.iso out=file.img dir=iso_images WARN "
     "dir=/iso_images is "
     "absolute, and is put below --dir (--list-keys safe)\n"
     "4 [http://foo/bar]\n"},
    {"a\t\t http://b/ \t\n", "1 [a] | http://b/\n"},
    /* a mirror has a scheme; the rest is passed through under its place, and told once */
    {"a\tcat\nb\t\t 0.97 \thttp://c/\nc\tHTTPS:d\tftp://e/\tmail:f\n",
     "1 [a] column2=cat WARN what stands behind a tab without a scheme is no mirror: it is a "
     "label, "
     "and goes into the report as 'column2' and so on\n"
     "2 [b] | http://c/ column3=0.97\n"
     "3 [c] | HTTPS:d | ftp://e/ column4=mail:f\n"},
    {"a\tx\n out=\nb\ty\x02\n",
     "1 [a] column2=x BAD line 2: out: the value is empty WARN what stands behind a tab without a "
     "scheme is no mirror: it is a label, and goes into the report as 'column2' and so on\n"
     "3 [b] BAD a label holds a control character\n"},
    /* a note is left out, and told once */
    {"http://a/ # n\nhttp://b/#f # \x02n\nhttp://c/\thttp://d/#f  #n\nhttp://e/#\n",
     "1 [http://a/] WARN what stands behind a blank and '#' is a note, and left out; a '#' right "
     "behind the URL begins its fragment, and comments have lines of their own\n"
     "2 [http://b/#f]\n3 [http://c/] | http://d/#f\n4 [http://e/#]\n"},
    /* comments and blank lines stand between */
    {"a\r\n  out=x\r\n# c\r\n\r\n\tdir=d e \n", "1 [a] out=x dir=d e\n"},
    {"a\n  checksum=md5=00000000000000000000000000000aF0\n  referer=r\n  user-agent=u a\n"
     "  http-user=n\n  http-passwd=p=q\n  header=Accept: 1\n  header=Pragma: 2\n  max-tries=0\n"
     "  retry-wait=3\n  timeout=4\n  connect-timeout=5\n  lowest-speed-limit=6K\n",
     "1 [a] checksum=md5=00000000000000000000000000000aF0 referer=r agent=u a user=n password=p=q "
     "header=Accept: 1 header=Pragma: 2 tries=0 wait=3000 timeout=4000 connect=5000 speed=6144\n"},
    /* blanks around '=', and types of checksums in capitals, as aria2 has them */
    {"a\n dir = d e \n out\t=\tx=y\n  checksum= SHA-1=00000000000000000000000000000000000000aF\n",
     "1 [a] out=x=y dir=d e checksum=SHA-1=00000000000000000000000000000000000000aF\n"},
    {"a\n out= x\x02\n o ut=x\n",
     "1 [a] BAD line 2: the line holds a control character\n3 [o ut=x]\n"},
    {" http-passwd = geheim\n", "1 [http-passwd] BAD a key with no URL above it\n"},
    /* an absolute directory is that below --dir, or put there, which is told once */
    {"a\n dir=/d/e//f\nb\n dir=/d\nc\n dir=/\nd\n dir=/de\n",
     "1 [a] dir=e//f\n3 [b]\n5 [c] WARN dir=/ is absolute, and is put below --dir (--list-keys "
     "safe)\n7 [d] dir=de\n"},
    {"a\n dir=\n", "1 [a] BAD line 2: dir: the value is empty\n"},
    {"a\n dir=x\n dir=/d\n", "1 [a]\n"},
    {"a\n out=x\n out=y\n", "1 [a] out=y\n"},
    /* what is wrong costs its own entry only, and secrets are not told */
    {"a\n otu=x\nb\n", "1 [a] BAD line 2: unknown key 'otu'\n3 [b]\n"},
    {" http-passwd=geheim\nb\n", "1 [http-passwd] BAD a key with no URL above it\n2 [b]\n"},
    {"a\n http-passwd=geheim\n", "1 [a] BAD http-passwd: there is no http-user\n"},
    {"a\n header=geheim\n", "1 [a] BAD line 2: header: a header is written \"Name: value\"\n"},
    {"a\n header=content-length: 1\n",
     "1 [a] BAD line 2: header: haul itself answers for this field\n"},
    {"a\n out=x\x01\n", "1 [a] BAD line 2: the line holds a control character\n"},
    {"a\n header=Accept: x\rB: y\n", "1 [a] BAD line 2: the line holds a control character\n"},
    {"a\n out=\n", "1 [a] BAD line 2: out: the value is empty\n"},
    {"a\n max-tries=-1\n",
     "1 [a] BAD line 2: max-tries: must be a whole number from 0 to 1000000\n"},
    {"a\n timeout=0\n", "1 [a] BAD line 2: timeout: must be a whole number from 1 to 600\n"},
    {"a\n lowest-speed-limit=x\n", NULL},
    {"a\n checksum=sha-256=00\n",
     "1 [a] BAD line 2: checksum: the digest has not the form of its type\n"},
    {"a\n all-proxy=http://p/\n",
     "1 [a] BAD line 2: all-proxy: haul cannot do this for a single URL\n"},
    {"a\thttp://b\x02\n", "1 [a] BAD a mirror holds a control character\n"},
    /* told once */
    {"a\n split=4\n bt-x=1\n split=5\nb\n split=4\n",
     "1 [a] WARN the key 'split' means nothing to haul and is ignored; the key 'bt-x' means "
     "nothing "
     "to haul and is ignored\n5 [b]\n"},
};

START_TEST(list_of_the_table_is_read_in_any_pieces)
{
    size_t len = strlen(table[_i].list);

    for (size_t piece = 1; piece <= len + 1; piece++) {
        const char *read = read_list(table[_i].list, len, piece);

        if (table[_i].wanted)
            ck_assert_str_eq(read, table[_i].wanted);
        else
            ck_assert_ptr_nonnull(strstr(read, "BAD line 2: "));
    }
}
END_TEST

START_TEST(all_keys_are_followed_as_they_stand)
{
    static const char list[] = "a\n dir=/x/y\nb\n dir=/d/e\n";

    ck_assert_str_eq(read_list_as(list, strlen(list), 3, HAUL_LIST_KEYS_ALL),
                     "1 [a] dir=/x/y\n3 [b] dir=e\n");
}
END_TEST

/* Its keys were followed up to the one that cannot be. */
START_TEST(entry_that_is_no_url_keeps_nothing_of_keys_that_are_wrong)
{
    static const char list[] = "\x03\tu\n header=Accept: b\n http-passwd=geheim\n";
    const char *read = read_list(list, strlen(list), 3);

    ck_assert_ptr_nonnull(strstr(read, " reason "));
    ck_assert_ptr_nonnull(strstr(read, " column2=u"));
    ck_assert_ptr_null(strstr(read, "geheim"));
    ck_assert_ptr_null(strstr(read, "header="));
}
END_TEST

START_TEST(no_keys_are_followed_and_that_is_told_once)
{
    static const char list[] = "a\n otu=x\n dir=/x\nb\n out=\x02\nc\n";

    ck_assert_str_eq(read_list_as(list, strlen(list), 3, HAUL_LIST_KEYS_NONE),
                     "1 [a] WARN the keys of this list are left out (--list-keys none)\n4 [b]\n"
                     "6 [c]\n");
}
END_TEST

/* --- limits ----------------------------------------------------------------------------------- */

static void repeat(struct haul_buf *list, const char *text, int times)
{
    for (int i = 0; i < times; i++)
        haul_buf_add_str(list, text);
}

static const struct {
    const char *begin, *again;
    int most;
    const char *problem;
} limits[] = {
    {"a", "\thttp://b", HAUL_ENTRY_MIRRORS_MAX, "more than 32 mirrors"},
    {"a", "\tb", HAUL_ENTRY_LABELS_MAX, "more than 64 labels"},
    {"a", "\n out=x", HAUL_ARIA2_SETTINGS_MAX, "more than 128 keys for one URL"},
    {"a", "\n header=Accept: b", HAUL_SETTING_HEADERS_MAX, "header: more than 64 headers"},
    /* 1024 bytes a line, without its blank and line end */
    {"a", NULL, HAUL_ARIA2_SETTING_BYTES / 1024, "more than 65536 bytes of keys for one URL"},
};

START_TEST(entry_at_the_limit_is_fine_and_one_above_is_bad)
{
    char line[1 + 1 + 1024 + 1] = "\n out=";
    const char *again = limits[_i].again ? limits[_i].again : line;
    struct haul_buf list;

    memset(line + 6, 'x', sizeof line - 7);
    haul_buf_init(&list, 0);
    haul_buf_add_str(&list, limits[_i].begin);
    repeat(&list, again, limits[_i].most);
    ck_assert_ptr_null(strstr(read_list(list.data, list.len, list.len), "BAD"));
    haul_buf_add_str(&list, again);
    haul_buf_add_str(&list, "\nnext\n");
    read_list(list.data, list.len, list.len);
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&told), limits[_i].problem));
    ck_assert_ptr_nonnull(strstr(haul_buf_str(&told), " [next]\n"));
    haul_buf_done(&list);
}
END_TEST

START_TEST(key_line_too_long_spoils_its_entry_only)
{
    struct haul_buf list;

    haul_buf_init(&list, 0);
    haul_buf_add_str(&list, "a\n out=");
    haul_buf_pad(&list, 'x', HAUL_LINE_MAX + 1);
    haul_buf_add_str(&list, "\nb\n");
    ck_assert_str_eq(read_list(list.data, list.len, 4096),
                     "1 [a] BAD line 2: the line is longer than 65536 bytes\n3 [b]\n");
    haul_buf_done(&list);
}
END_TEST

/* --- who cannot wait -------------------------------------------------------------------------- */

START_TEST(entry_is_held_back_until_it_is_taken)
{
    const struct haul_setting_rules rules = {.root = "/d"};
    struct haul_setting_told setting_told = {.dir = false};
    struct haul_aria2_list entries;
    struct haul_list_entry entry;

    haul_aria2_list_init(&entries, &rules, &setting_told);
    haul_feed_add(&entries.lines.feed, "a\n", 2);
    ck_assert_int_eq(haul_aria2_list_next(&entries, &entry), HAUL_ERR_END);
    ck_assert_int_eq(haul_aria2_list_take(&entries, &entry), HAUL_OK);
    ck_assert_uint_eq(entry.len, 1);
    ck_assert_int_eq(haul_aria2_list_take(&entries, &entry), HAUL_ERR_END);
    ck_assert(!entries.has_settings);
    haul_feed_add(&entries.lines.feed, " out=x\n", 7); /* too late: it belongs to nothing */
    ck_assert_int_eq(haul_aria2_list_next(&entries, &entry), HAUL_ERR_END);
    haul_feed_finish(&entries.lines.feed);
    ck_assert_int_eq(haul_aria2_list_next(&entries, &entry), HAUL_OK);
    ck_assert_int_eq(entry.reason, HAUL_REASON_BAD_ENTRY);
    ck_assert_int_eq(haul_aria2_list_next(&entries, &entry), HAUL_ERR_END);
    haul_aria2_list_done(&entries);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("entries");
    TCase *tcase = tcase_create("entries");
    SRunner *runner = srunner_create(suite);
    int failures;

    haul_buf_init(&told, 0);
    tcase_add_loop_test(tcase, list_of_the_table_is_read_in_any_pieces, 0,
                        sizeof table / sizeof *table);
    tcase_add_loop_test(tcase, entry_at_the_limit_is_fine_and_one_above_is_bad, 0,
                        sizeof limits / sizeof *limits);
    tcase_add_test(tcase, all_keys_are_followed_as_they_stand);
    tcase_add_test(tcase, entry_that_is_no_url_keeps_nothing_of_keys_that_are_wrong);
    tcase_add_test(tcase, no_keys_are_followed_and_that_is_told_once);
    tcase_add_test(tcase, key_line_too_long_spoils_its_entry_only);
    tcase_add_test(tcase, entry_is_held_back_until_it_is_taken);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    haul_buf_done(&told);
    return failures != 0;
}
