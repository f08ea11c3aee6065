#include "command/command.h"
#include "history/import.h"
#include "journal/resume.h"
#include "model/ledger.h"
#include "verb_world.h"

/*
 * Any bytes as a journal, through the verbs that read one: each ends with a result or with a
 * message, what is printed is plain, a second look says the same, the books of what was read
 * balance, and a journal does not differ from itself. The first byte chooses format and verb.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const files[] = {"j", "out", "err", "failed"};

/* As `haul report` and `haul diff` add them up. */
static void check_books(void)
{
    struct haul_ledger ledger = {.lines = 0};
    struct haul_resume_stats stats;
    struct haul_resume *resume = NULL;
    struct haul_record rec;
    struct haul_buf text;
    struct haul_key key;
    int fd = open(world_path("j"), O_RDONLY | O_CLOEXEC);

    require(fd >= 0 && haul_resume_create(&resume) == HAUL_OK);
    if (!haul_resume_add(resume, fd, &stats)) {
        require(haul_resume_settle(resume) == HAUL_OK);
        require(haul_resume_walk(resume, true) == HAUL_OK);
        while (haul_resume_next(resume, &rec, &key) == HAUL_OK) {
            haul_ledger_add(&ledger, &rec);
            haul_ledger_add_lines(&ledger, 1);
        }
        haul_ledger_add_pending(&ledger, stats.pending);
        require(haul_ledger_balances(&ledger));
        haul_buf_init(&text, 0);
        haul_ledger_summary(&ledger, INT64_MAX, false, &text);
        require(!strchr(haul_buf_str(&text), '-') && !strstr(haul_buf_str(&text), "do not"));
        haul_buf_done(&text);
    }
    haul_resume_free(resume);
    close(fd);
}

static void read_twice(int (*verb)(const struct haul_config *), const struct haul_config *style,
                       const char *second)
{
    struct said one = say(verb, style, world_path("j"), second);
    struct said other = say(verb, style, world_path("j"), second);

    require(one.status >= 0 && one.status <= 3 && one.status == other.status);
    require(one.status == 0 || *one.text[1]);
    require(!second || one.status != 1); /* it differs from itself */
    require(strcmp(one.text[0], other.text[0]) == 0 && strcmp(one.text[1], other.text[1]) == 0);
    said_done(&one);
    said_done(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct haul_config style;

    if (!size)
        return 0;
    haul_config_init(&style);
    style.sandbox = HAUL_CONFINE_OFF; /* there is no way out of it */
    world_write("j", data + 1, size - 1);
    check_books();
    style.group_by = data[0] / 32 % 2 ? "tag:a" : NULL;
    style.order = data[0] / 64 % 2 ? HAUL_ORDER_INPUT : HAUL_ORDER_DONE;
    if (data[0] % 4 == 0) {
        style.format = (enum haul_format)(data[0] / 4 % 4);
        read_twice(haul_command_diff, &style, world_path("j"));
    } else {
        style.format = (enum haul_format)(data[0] / 4 % HAUL_FORMAT_COUNT);
        style.save_failed = data[0] % 4 == 2 ? world_path("failed") : NULL;
        read_twice(haul_command_report, &style, NULL);
    }
    world_clear(files, sizeof files / sizeof *files);
    haul_config_done(&style);
    return 0;
}
