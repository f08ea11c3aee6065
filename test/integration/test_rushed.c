#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hot_journal.h"
#include "planter.h"

/*
 * What somebody puts beside a history after haul has looked at the names there, and before SQLite
 * does. HAUL_RUSHLIB, the library of rushlib.c, has the order forced.
 */

static const char *in(const char *directory, const char *name)
{
    return it_text("%s/%s", directory, name);
}

static struct it_run run_in(const char *directory, const char *ending)
{
    const char *history = in(directory, "h"), *to = it_text("RUSH_TO=%s%s", history, ending);
    const char *const env[] = {it_text("LD_PRELOAD=%s", getenv("HAUL_RUSHLIB")),
                               it_text("RUSH_FROM=%s", in(directory, "prepared")), to, NULL};

    return it_call(&(struct it_call){.argv = IT_ARGS("--history", history, "-q", "-i", "-"),
                                     .input = "htp//one\nhtp//two\n",
                                     .env = ending ? env : NULL});
}

static void check_intact(const char *directory)
{
    struct it_run run = it_haul(IT_ARGS("history", "--format", "jsonl", in(directory, "h")));

    ck_assert_msg(run.status == 0 && it_lines(run.out) == 1, "%d: %s%s", run.status, run.out,
                  run.err);
}

/* An empty one is none to SQLite. */
static void begin_victim(void)
{
    it_write(victim, "dear", 4);
}

static void check_victim(void)
{
    size_t len;

    ck_assert_msg(access(victim, F_OK) == 0, "it was removed");
    ck_assert_str_eq(it_read(victim, &len), "dear");
}

/* ---- strangers ---- */

static int plant_super_journal(const char *path)
{
    hot_journal_write(path, victim);
    return 0;
}

static int plant_journal(const char *path)
{
    hot_journal_write(path, NULL);
    return 0;
}

static const struct {
    const char *ending;
    plant *what;
} plants[] = {
    {"-journal", plant_super_journal},
    {"-journal", plant_journal},
    {"-journal", plant_link},
    {"-journal", plant_fifo},
    {"-wal", plant_link},
    {"-wal", plant_dangling_link},
    {"-wal", plant_fifo},
    {"-wal", plant_empty},
    {"-shm", plant_link},
    {"-shm", plant_fifo},
    {"-shm", plant_empty},
};
enum { PLANTS = sizeof plants / sizeof *plants };

START_TEST(what_comes_beside_a_history_after_the_look_is_not_used)
{
    const char *ending = plants[_i].ending, *planted = in_shared(it_text("h%s", ending));
    struct it_run run = run_in(shared, NULL);

    begin_victim();
    ck_assert_msg(run.status == 1, "%d: %s", run.status, run.err);
    as_nobody(plants[_i].what, in_shared("prepared"));
    run = run_in(shared, ending);
    check_victim();
    ck_assert_int_ne(access(it_path("made"), F_OK), 0);
    ck_assert_ptr_nonnull(strstr(run.err, "rushed\n"));
    ck_assert_msg(run.status == 3, "%d: %s", run.status, run.err);
    ck_assert_msg(strstr(run.err, it_text("; %s: ", planted)), "%s", run.err);
    ck_assert_int_eq(unlink(planted), 0);
    check_intact(shared);
}
END_TEST

/* ---- colleagues ---- */

enum { GROUP = 2000, OTHER = 1002 };

/* They may change the history, and nothing else. */
START_TEST(journal_of_a_colleague_removes_no_other_file)
{
    const char *own = it_path("own");
    struct it_run run;

    begin_victim();
    ck_assert_int_eq(mkdir(own, 0700), 0);
    ck_assert_int_eq(chown(own, 0, GROUP), 0);
    ck_assert_int_eq(chmod(own, 02775), 0);
    run = run_in(own, NULL);
    ck_assert_msg(run.status == 1, "%d: %s", run.status, run.err);
    hot_journal_write(in(own, "prepared"), victim);
    ck_assert_int_eq(chown(in(own, "prepared"), OTHER, GROUP), 0);
    run = run_in(own, "-journal");
    check_victim();
    ck_assert_ptr_nonnull(strstr(run.err, "rushed\n"));
    ck_assert_msg(run.status == 3, "%d: %s", run.status, run.err);
}
END_TEST

static void add_cases(TCase *tcase)
{
    tcase_add_loop_test(tcase, what_comes_beside_a_history_after_the_look_is_not_used, 0, PLANTS);
    tcase_add_test(tcase, journal_of_a_colleague_removes_no_other_file);
}

int main(void)
{
    return planted_main("rushed", add_cases);
}
