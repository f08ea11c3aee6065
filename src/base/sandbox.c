/* O_PATH; syscall: the C library has no functions for Landlock */
#define _GNU_SOURCE
#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/callfilter.h"
#include "base/child.h"
#include "base/io.h"
#include "base/landlock.h"
#include "base/privilege.h"

/* What a rule for a file that is no directory may say; the kernel refuses the rest. */
static const uint64_t file_access = HAUL_LANDLOCK_EXECUTE | HAUL_LANDLOCK_WRITE_FILE |
                                    HAUL_LANDLOCK_READ_FILE | HAUL_LANDLOCK_TRUNCATE |
                                    HAUL_LANDLOCK_IOCTL_DEV;

/* ---- rules ---- */

static struct haul_sandbox_rule *add(struct haul_sandbox_rules *rules)
{
    size_t capacity = rules->capacity ? 2 * rules->capacity : 64;
    struct haul_sandbox_rule *item;

    if (rules->err)
        return NULL;
    if (rules->count == rules->capacity) {
        item = realloc(rules->item, capacity * sizeof *item);
        if (!item) {
            rules->err = HAUL_ERR_NOMEM;
            return NULL;
        }
        rules->item = item;
        rules->capacity = capacity;
    }
    return &rules->item[rules->count++];
}

void haul_sandbox_rules_add(struct haul_sandbox_rules *rules, const char *path, unsigned rights,
                            bool is_needed)
{
    struct haul_sandbox_rule *rule = add(rules);

    if (!rule)
        return;
    *rule = (struct haul_sandbox_rule){
        .path = strdup(path), .fd = -1, .rights = rights, .is_needed = is_needed};
    if (!rule->path)
        rules->err = HAUL_ERR_NOMEM;
}

void haul_sandbox_rules_add_fd(struct haul_sandbox_rules *rules, int fd, unsigned rights)
{
    struct haul_sandbox_rule *rule = add(rules);

    if (rule)
        *rule = (struct haul_sandbox_rule){.fd = fd, .rights = rights, .is_needed = true};
}

void haul_sandbox_rules_done(struct haul_sandbox_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        free(rules->item[i].path);
    free(rules->item);
    *rules = (struct haul_sandbox_rules){.item = NULL};
}

/* ---- versions ---- */

static bool has_moves(const struct haul_sandbox_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        if (rules->item[i].rights & HAUL_SANDBOX_MOVE)
            return true;
    return false;
}

/* The first version lets nothing be moved to another directory, whatever its rules say. */
struct haul_sandbox_masks haul_sandbox_masks(const struct haul_sandbox_rules *rules, int version)
{
    struct haul_sandbox_masks masks = {.fs = HAUL_LANDLOCK_FS_1,
                                       .is_enough = version >= 2 || !has_moves(rules)};

    if (version >= 2)
        masks.fs |= HAUL_LANDLOCK_REFER;
    if (version >= 3)
        masks.fs |= HAUL_LANDLOCK_TRUNCATE;
    if (version >= 4)
        masks.net = HAUL_LANDLOCK_BIND_TCP;
    if (version >= 5)
        masks.fs |= HAUL_LANDLOCK_IOCTL_DEV;
    if (version >= 6)
        masks.scoped = HAUL_LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | HAUL_LANDLOCK_SCOPE_SIGNAL;
    if (rules->reads_all)
        masks.fs &= ~(uint64_t)(HAUL_LANDLOCK_READ_FILE | HAUL_LANDLOCK_READ_DIR);
    return masks;
}

uint64_t haul_sandbox_access(unsigned rights, bool is_directory,
                             const struct haul_sandbox_masks *masks)
{
    static const struct {
        unsigned right;
        uint64_t access;
    } pair[] = {
        {HAUL_SANDBOX_READ, HAUL_LANDLOCK_READ_FILE | HAUL_LANDLOCK_READ_DIR},
        {HAUL_SANDBOX_WRITE, HAUL_LANDLOCK_WRITE_FILE | HAUL_LANDLOCK_TRUNCATE},
        {HAUL_SANDBOX_MAKE, HAUL_LANDLOCK_MAKE_REG},
        {HAUL_SANDBOX_REMOVE, HAUL_LANDLOCK_REMOVE_FILE},
        {HAUL_SANDBOX_MAKE_DIR, HAUL_LANDLOCK_MAKE_DIR},
        {HAUL_SANDBOX_MOVE, HAUL_LANDLOCK_REFER},
    };
    uint64_t access = 0;

    for (size_t i = 0; i < sizeof pair / sizeof *pair; i++)
        if (rights & pair[i].right)
            access |= pair[i].access;
    return access & masks->fs & (is_directory ? ~(uint64_t)0 : file_access);
}

static long ask_version(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
                   HAUL_LANDLOCK_CREATE_RULESET_VERSION);
}

static void make_calls(int told, void *arg)
{
    (void)arg;
    (void)ask_version();
    (void)syscall(SYS_landlock_add_rule, -1, HAUL_LANDLOCK_PATH_BENEATH, NULL, 0U);
    (void)syscall(SYS_landlock_restrict_self, -1, 0U);
    (void)!write(told, "", 1);
}

int haul_sandbox_version(void)
{
    long version = -1;

    if (haul_child_survives(make_calls, NULL))
        version = ask_version();
    return version > 0 ? (int)version : 0;
}

bool haul_sandbox_describe(struct haul_buf *text)
{
    char cause[HAUL_IO_ERROR_MAX];
    int version = haul_sandbox_version();

    if (version)
        haul_buf_addf(text, "Landlock ABI %d", version);
    else if (errno == ENOSYS)
        haul_buf_add_str(text, "this kernel has no Landlock");
    else if (errno == EOPNOTSUPP)
        haul_buf_add_str(text, "Landlock was not switched on when this kernel started");
    else
        haul_buf_addf(text, "Landlock cannot be used: %s", haul_io_error_text(errno, cause));
    return version > 0;
}

/* ---- entering ---- */

static int add_rule(int ruleset, enum haul_landlock_rule_type type, const void *attr)
{
    return (int)syscall(SYS_landlock_add_rule, ruleset, type, attr, 0U);
}

static int allow_fd(int ruleset, int fd, unsigned rights, const struct haul_sandbox_masks *masks)
{
    struct haul_landlock_path_beneath_attr attr = {.parent_fd = fd};
    struct stat info;

    if (fstat(fd, &info))
        return -1;
    attr.allowed_access = haul_sandbox_access(rights, S_ISDIR(info.st_mode), masks);
    return attr.allowed_access ? add_rule(ruleset, HAUL_LANDLOCK_PATH_BENEATH, &attr) : 0;
}

/* Whether it is there or not needed. What lies on no mount (EBADFD), such as a pipe that is reached
 * by the name of a descriptor, no rule restricts. */
static bool allow(int ruleset, const struct haul_sandbox_rule *rule,
                  const struct haul_sandbox_masks *masks)
{
    int fd = rule->path ? open(rule->path, O_PATH | O_CLOEXEC) : rule->fd, failed, error;

    if (fd < 0)
        return !rule->is_needed;
    failed = allow_fd(ruleset, fd, rule->rights, masks);
    error = errno;
    if (rule->path)
        close(fd);
    errno = error;
    return !failed || error == EBADFD || !rule->is_needed;
}

static enum haul_err allow_all(int ruleset, const struct haul_sandbox_rules *rules,
                               const struct haul_sandbox_masks *masks, struct haul_buf *message)
{
    const struct haul_landlock_net_port_attr any_port = {.allowed_access = masks->net};
    char text[HAUL_IO_ERROR_MAX];

    for (size_t i = 0; i < rules->count; i++) {
        const struct haul_sandbox_rule *rule = &rules->item[i];

        if (allow(ruleset, rule, masks))
            continue;
        haul_buf_addf(message, "%s: %s", rule->path ? rule->path : "a directory",
                      haul_io_error_text(errno, text));
        return HAUL_ERR_IO;
    }
    if (!rules->binds || !masks->net || !add_rule(ruleset, HAUL_LANDLOCK_NET_PORT, &any_port))
        return HAUL_OK;
    haul_buf_addf(message, "--interface: %s", haul_io_error_text(errno, text));
    return HAUL_ERR_SYSTEM;
}

static enum haul_err refuse(struct haul_buf *message)
{
    char text[HAUL_IO_ERROR_MAX];

    haul_buf_addf(message, "the kernel refuses it: %s", haul_io_error_text(errno, text));
    return HAUL_ERR_SYSTEM;
}

static enum haul_err enter(const struct haul_sandbox_rules *rules,
                           const struct haul_sandbox_masks *masks, struct haul_buf *message)
{
    const struct haul_landlock_ruleset_attr attr = {
        .handled_access_fs = masks->fs, .handled_access_net = masks->net, .scoped = masks->scoped};
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0U);
    enum haul_err err;

    if (ruleset < 0)
        return refuse(message);
    err = allow_all(ruleset, rules, masks, message);
    if (!err && syscall(SYS_landlock_restrict_self, ruleset, 0U))
        err = refuse(message);
    close(ruleset);
    return err;
}

enum haul_err haul_sandbox_enter(const struct haul_sandbox_rules *rules, int version,
                                 struct haul_buf *message)
{
    struct haul_sandbox_masks masks = haul_sandbox_masks(rules, version);

    if (rules->err)
        return rules->err;
    if (masks.is_enough)
        return enter(rules, &masks, message);
    haul_buf_addf(message,
                  "Landlock ABI %d lets no file be moved to another directory, which saving needs",
                  version);
    return HAUL_ERR_RANGE;
}

/* What it says: one byte, the error, and then the message. */
static void enter_nothing(int told, void *arg)
{
    const int *version = arg;
    const struct haul_sandbox_rules rules = {.item = NULL};
    struct haul_buf message, answer;
    enum haul_err err;
    bool filters;

    haul_buf_init(&message, 0);
    haul_buf_init(&answer, 0);
    haul_sandbox_harden();
    err = haul_sandbox_enter(&rules, *version, &message);
    if (!err)
        err = haul_sandbox_give_up(false, &filters, &message);
    haul_buf_add_char(&answer, (char)err);
    haul_buf_add_str(&answer, haul_buf_str(&message));
    (void)!write(told, haul_buf_str(&answer), answer.len);
    haul_buf_done(&answer);
    haul_buf_done(&message);
}

enum haul_err haul_sandbox_try(int version, struct haul_buf *message)
{
    char answer[256] = "", text[HAUL_IO_ERROR_MAX];
    ssize_t got = haul_child_ask(enter_nothing, &version, answer, sizeof answer - 1);

    if (got < 0)
        haul_buf_addf(message, "it cannot be tried: %s", haul_io_error_text(errno, text));
    else if (!got)
        haul_buf_add_str(message, "whoever enters it is killed");
    if (got <= 0)
        return HAUL_ERR_SYSTEM;
    haul_buf_add_str(message, answer + 1);
    return (enum haul_err)answer[0];
}

static void try_to_drop(int told, void *arg)
{
    (void)arg;
    (void)haul_privilege_drop();
    (void)!write(told, "", 1);
}

enum haul_err haul_sandbox_give_up(bool connects, bool *filters, struct haul_buf *message)
{
    bool drops = haul_child_survives(try_to_drop, NULL) && haul_privilege_drop();
    char text[HAUL_IO_ERROR_MAX];
    struct haul_buf cause;
    enum haul_err err;

    if (!drops)
        haul_buf_addf(message, "capabilities cannot be given up: %s",
                      haul_io_error_text(errno, text));
    haul_buf_init(&cause, 0);
    err = haul_callfilter_enter(connects, &cause);
    if (err == HAUL_ERR_SYSTEM)
        haul_buf_addf(message, "%s%s", drops ? "" : "; ", haul_buf_str(&cause));
    haul_buf_done(&cause);
    *filters = !err;
    return err || drops ? err : HAUL_ERR_SYSTEM;
}

void haul_sandbox_harden(void)
{
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    haul_privilege_hide();
}
