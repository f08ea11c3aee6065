/* dl_iterate_phdr, realpath */
#define _GNU_SOURCE
#include "engine/confine_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "transfer/net.h"

enum {
    SWITCH_MAX = 16 << 10, /* bytes of nsswitch.conf that are looked at */
    TRUSTED_MAX = 4096     /* names in a directory of certificates; Debian has 400 */
};

static const char *const directories[] = {
    "/etc", "/usr", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix/store", "/gnu/store",
    /* of plugins, and of certificates where /etc has links only */
    "/var/db", "/var/cache/nscd", "/var/lib/ca-certificates", "/var/lib/extrausers",
    "/var/lib/libvirt/dnsmasq", "/var/lib/misc", "/var/lib/nscd", "/var/lib/sss",
    /* resolv.conf(5) and machines; the rest of /run may be secrets that a service was given */
    "/run/connman", "/run/NetworkManager", "/run/nscd", "/run/resolvconf", "/run/systemd/machines",
    "/run/systemd/netif", "/run/systemd/resolve",
#ifdef HAUL_SANITIZED
    "/proc", /* read at the end, when the kernel may have made /proc/self anew */
#endif
    /* what the C library counts and is told by the kernel: no other process, no device */
    "/proc/self", "/proc/sys", "/sys/devices/system", "/sys/fs/cgroup", "/sys/kernel/mm"};

/* Not the disks, nor what else root may read of them. */
static const char *const files[] = {"/dev/zero",     "/dev/full",     "/dev/random",
                                    "/dev/urandom",  "/proc/cpuinfo", "/proc/filesystems",
                                    "/proc/meminfo", "/proc/stat"};

/* Links that may lead anywhere, to files that are replaced. */
static const char *const links[] = {"/etc/resolv.conf", "/etc/hosts",    "/etc/nsswitch.conf",
                                    "/etc/host.conf",   "/etc/gai.conf", "/etc/localtime"};

/* Files or directories, or several with ':' between. */
static const char *const variables[] = {"SSL_CERT_FILE",   "SSL_CERT_DIR",    "OPENSSL_CONF",
                                        "OPENSSL_MODULES", "OPENSSL_ENGINES", "LD_LIBRARY_PATH",
                                        "LOCPATH",         "GCONV_PATH",      "TZDIR",
                                        "HOSTALIASES",     "RESOLV_HOST_CONF"};

/* ---- plugins ---- */

static enum haul_confine_plugins manner_of(const char *word, size_t len)
{
    static const struct {
        const char *name;
        enum haul_confine_plugins manner;
    } known[] = {{"files", HAUL_CONFINE_PLUGINS_READ},
                 {"dns", HAUL_CONFINE_PLUGINS_READ},
                 {"myhostname", HAUL_CONFINE_PLUGINS_READ},
                 {"compat", HAUL_CONFINE_PLUGINS_READ},
                 {"db", HAUL_CONFINE_PLUGINS_READ},
                 {"libvirt", HAUL_CONFINE_PLUGINS_READ},
                 {"libvirt_guest", HAUL_CONFINE_PLUGINS_READ},
                 {"resolve", HAUL_CONFINE_PLUGINS_TALK},
                 {"mymachines", HAUL_CONFINE_PLUGINS_TALK},
                 {"mdns", HAUL_CONFINE_PLUGINS_TALK},
                 {"mdns4", HAUL_CONFINE_PLUGINS_TALK},
                 {"mdns6", HAUL_CONFINE_PLUGINS_TALK},
                 {"mdns_minimal", HAUL_CONFINE_PLUGINS_TALK},
                 {"mdns4_minimal", HAUL_CONFINE_PLUGINS_TALK},
                 {"mdns6_minimal", HAUL_CONFINE_PLUGINS_TALK},
                 {"sss", HAUL_CONFINE_PLUGINS_TALK}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].name) == len && memcmp(known[i].name, word, len) == 0)
            return known[i].manner;
    return HAUL_CONFINE_PLUGINS_UNKNOWN;
}

static const char *skip(const char *at, const char *end, const char *set, bool in)
{
    while (at < end && (memchr(set, *at, strlen(set)) != NULL) == in)
        at++;
    return at;
}

/* Its words, and between them what to do when one finds nothing: "[NOTFOUND=return]". */
static enum haul_confine_plugins manner_of_line(const char *at, const char *end)
{
    enum haul_confine_plugins manner = HAUL_CONFINE_PLUGINS_READ, next;
    const char *word;

    while ((at = skip(at, end, " \t", true)) < end && *at != '#') {
        word = at;
        at = *word == '[' ? skip(at, end, "]", false) : skip(at, end, " \t[#", false);
        next = *word == '[' ? HAUL_CONFINE_PLUGINS_READ : manner_of(word, (size_t)(at - word));
        at += *word == '[' && at < end;
        manner = next < manner ? next : manner;
    }
    return manner;
}

enum haul_confine_plugins haul_confine_look_at_plugins(const char *text, size_t len)
{
    static const char name[] = "hosts:";
    enum haul_confine_plugins all = HAUL_CONFINE_PLUGINS_READ, of_line;
    const char *end = text + len, *line = text, *line_end;

    for (; line < end; line = line_end + 1) {
        line_end = skip(line, end, "\n", false);
        line = skip(line, line_end, " \t", true);
        if ((size_t)(line_end - line) < strlen(name) || memcmp(line, name, strlen(name)) != 0)
            continue;
        of_line = manner_of_line(line + strlen(name), line_end);
        all = of_line < all ? of_line : all;
    }
    return all;
}

/* Without the file, the C library uses none but its own. */
static enum haul_confine_plugins look_at_plugins(void)
{
    int fd = open("/etc/nsswitch.conf", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char text[SWITCH_MAX];
    ssize_t len;

    if (fd < 0)
        return HAUL_CONFINE_PLUGINS_READ;
    len = read(fd, text, sizeof text);
    close(fd);
    if (len < 0 || (size_t)len == sizeof text)
        return HAUL_CONFINE_PLUGINS_UNKNOWN;
    return haul_confine_look_at_plugins(text, (size_t)len);
}

/* Some systems have their plugins in a daemon's process only (nscd(8)). */
static bool has_name_daemon(void)
{
    return access("/run/nscd/socket", F_OK) == 0 || access("/var/run/nscd/socket", F_OK) == 0;
}

/* ---- rules ---- */

/* Once: most libraries lie in one directory. */
static void add(struct haul_sandbox_rules *rules, const char *path)
{
    for (size_t i = 0; i < rules->count; i++)
        if (rules->item[i].path && rules->item[i].rights == HAUL_SANDBOX_READ &&
            strcmp(rules->item[i].path, path) == 0)
            return;
    haul_sandbox_rules_add(rules, path, HAUL_SANDBOX_READ, false);
}

/* Of a file that may be replaced. */
static void add_directory_of(struct haul_sandbox_rules *rules, const char *path)
{
    char *directory = haul_io_directory_of(path);

    if (directory)
        add(rules, directory);
    else
        rules->err = HAUL_ERR_NOMEM;
    free(directory);
}

/* That of the system's directories are there in any case. */
static void add_link(struct haul_sandbox_rules *rules, const char *path)
{
    char *target = realpath(path, NULL);

    if (target)
        add_directory_of(rules, target);
    free(target);
}

static void add_variable(struct haul_sandbox_rules *rules, const char *name)
{
    const char *value = getenv(name);
    char *copy = value ? strdup(value) : NULL, *rest = copy, *path;

    if (value && !copy)
        rules->err = HAUL_ERR_NOMEM;
    while (rest && (path = strsep(&rest, ":")) != NULL)
        if (*path)
            add(rules, path);
    free(copy);
}

/* Somebody's own directory, with whatever he keeps there. */
static bool is_home(const char *real)
{
    const char *home = getenv("HOME");
    char *real_home = home ? realpath(home, NULL) : NULL;
    bool is_one =
        strcmp(real, "/") == 0 || (real_home && strncmp(real, real_home, strlen(real_home)) == 0 &&
                                   strcmp(real + strlen(real_home), "/") == 0);

    free(real_home);
    return is_one;
}

static bool is_readable(const struct haul_sandbox_rules *rules, const char *real)
{
    for (size_t i = 0; i < rules->count; i++) {
        const char *path = rules->item[i].path;
        size_t len = path ? strlen(path) : 0;

        if (len && (rules->item[i].rights & HAUL_SANDBOX_READ) && strncmp(real, path, len) == 0 &&
            (real[len] == '/' || path[len - 1] == '/'))
            return true;
    }
    return false;
}

/* A certificate behind a link of the system's, which is renewed where it is. */
static void add_certificate(struct haul_sandbox_rules *rules, const char *link)
{
    char *real = haul_io_follow(link), *directory = NULL;

    if (real && !is_readable(rules, real)) {
        directory = haul_io_directory_of(real);
        if (directory)
            add(rules, is_home(directory) ? real : directory);
        else
            rules->err = HAUL_ERR_NOMEM;
    }
    free(directory);
    free(real);
}

/*
 * Whether nothing has to be done for a link: another one in its directory has its turn, too; and
 * most lead to files of one directory, which was looked at for the first of them. `last`: that
 * link's text.
 */
static bool is_done(const char *link, char last[PATH_MAX])
{
    char text[PATH_MAX];
    ssize_t len = readlink(link, text, sizeof text - 1);
    const char *slash = len > 0 ? memrchr(text, '/', (size_t)len) : NULL;
    struct stat info;

    if (len <= 0 || !slash)
        return true;
    text[len] = '\0';
    if (*text == '/' && strncmp(text, last, (size_t)(slash - text) + 1) == 0 &&
        !strchr(last + (slash - text) + 1, '/') && lstat(text, &info) == 0 && S_ISREG(info.st_mode))
        return true;
    memcpy(last, text, (size_t)len + 1);
    return false;
}

void haul_confine_add_trusted(struct haul_sandbox_rules *rules, const char *path)
{
    DIR *directory = opendir(path);
    char last[PATH_MAX] = "";
    struct haul_buf name;
    struct dirent *entry;

    haul_buf_init(&name, 0);
    add(rules, path);
    add_certificate(rules, path);
    for (int i = 0; directory && i < TRUSTED_MAX && (entry = readdir(directory)) != NULL; i++) {
        if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
            continue;
        haul_buf_clear(&name);
        haul_buf_addf(&name, "%s/%s", path, entry->d_name);
        if (!is_done(haul_buf_str(&name), last))
            add_certificate(rules, haul_buf_str(&name));
    }
    if (name.err)
        rules->err = name.err;
    haul_buf_done(&name);
    if (directory)
        closedir(directory);
}

/* What a library loads later lies where it lies itself. As dl_iterate_phdr wants it. */
static int add_library(struct dl_phdr_info *info, size_t size, void *arg)
{
    (void)size;
    if (info->dlpi_name && *info->dlpi_name == '/')
        add_directory_of(arg, info->dlpi_name);
    return 0;
}

void haul_confine_add_system(struct haul_sandbox_rules *rules)
{
    enum haul_confine_plugins plugins = look_at_plugins();
    const char *trusted[2];

    rules->reads_all = plugins == HAUL_CONFINE_PLUGINS_UNKNOWN;
    rules->connects = plugins != HAUL_CONFINE_PLUGINS_READ || has_name_daemon();
    haul_sandbox_rules_add(rules, "/dev/null", HAUL_SANDBOX_READ | HAUL_SANDBOX_WRITE, false);
    if (rules->reads_all)
        return;
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++)
        add(rules, directories[i]);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        add(rules, files[i]);
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        add_link(rules, links[i]);
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        add_variable(rules, variables[i]);
    haul_net_trusted(&trusted[0], &trusted[1]);
    for (int i = 0; i < 2; i++)
        if (trusted[i])
            haul_confine_add_trusted(rules, trusted[i]);
    dl_iterate_phdr(add_library, rules);
}
