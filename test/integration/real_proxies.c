#include "real_proxies.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "real_servers.h"
#include "servers.h"

enum { TRIES = 10 };

/* Squid has two of the ports. */
enum program { SQUID, TINYPROXY, MICROSOCKS, MICROSOCKS_LOGIN, PROGRAMS };

static const struct {
    const char *package;
    const char *places[4];
    enum it_proxy first;
    size_t ports;
    const char *log;
} programs[PROGRAMS] = {
    [SQUID] = {"squid",
               {"/usr/sbin/squid", "/usr/local/sbin/squid", "/opt/homebrew/sbin/squid"},
               IT_PROXY_KEEPS,
               2,
               "proxies/squid.log"},
    [TINYPROXY] = {"tinyproxy",
                   {"/usr/bin/tinyproxy", "/usr/sbin/tinyproxy", "/opt/homebrew/bin/tinyproxy"},
                   IT_PROXY_CLOSES,
                   1,
                   "proxies/tinyproxy.log"},
    [MICROSOCKS] = {"microsocks",
                    {"/usr/bin/microsocks", "/usr/local/bin/microsocks",
                     "/opt/homebrew/bin/microsocks"},
                    IT_PROXY_SOCKS,
                    1,
                    "proxies/socks.log"},
    [MICROSOCKS_LOGIN] = {"microsocks",
                          {"/usr/bin/microsocks", "/usr/local/bin/microsocks",
                           "/opt/homebrew/bin/microsocks"},
                          IT_PROXY_SOCKS_LOGIN,
                          1,
                          "proxies/socks-login.log"},
};

static struct it_process *running[PROGRAMS];
static int port[IT_PROXIES];

/* ---- what they are told ---- */

static const char *keep(const char *name, struct haul_buf *conf)
{
    const char *path = it_path(it_text("proxies/%s", name));

    it_write(path, conf->data, conf->len);
    haul_buf_done(conf);
    return path;
}

/* Squid asks a program about each login, a line each: name, space, password. */
static const char *write_login(void)
{
    static const char text[] =
        "while read -r name word; do\n"
        "    [ \"$name:$word\" = " IT_PROXY_NAME ":" IT_PROXY_PASSWORD " ] && echo OK || echo ERR\n"
        "done\n";
    const char *path = it_path("proxies/login.sh");

    it_write(path, text, sizeof text - 1);
    return path;
}

static const char *squid_conf(void)
{
    struct haul_buf conf;

    haul_buf_init(&conf, 0);
    haul_buf_addf(&conf, "http_port 127.0.0.1:%d\nhttp_port 127.0.0.1:%d\n", port[IT_PROXY_KEEPS],
                  port[IT_PROXY_LOGIN]);
    haul_buf_addf(&conf, "access_log stdio:%s\ncache_log %s\ncoredump_dir %s\n",
                  it_path(programs[SQUID].log), it_path("proxies/squid.err"), it_path("proxies"));
    haul_buf_add_str(&conf, "pid_filename none\nnetdb_filename none\npinger_enable off\n"
                            "cache deny all\ncache_mem 0\nmemory_cache_shared off\n"
                            "shutdown_lifetime 0 seconds\nvisible_hostname proxy.test\n"
                            "dns_nameservers 127.0.0.1\nmax_filedescriptors 1024\n");
    haul_buf_addf(&conf, "auth_param basic program /bin/sh %s\nauth_param basic children 1\n",
                  write_login());
    haul_buf_addf(&conf, "acl open localport %d\nacl known proxy_auth REQUIRED\n",
                  port[IT_PROXY_KEEPS]);
    haul_buf_add_str(&conf, "http_access allow open\nhttp_access allow known\n"
                            "http_access deny all\n");
    return keep("squid.conf", &conf);
}

static const char *tinyproxy_conf(void)
{
    struct haul_buf conf;

    haul_buf_init(&conf, 0);
    haul_buf_addf(&conf, "Listen 127.0.0.1\nPort %d\nMaxClients 64\nTimeout 60\n",
                  port[IT_PROXY_CLOSES]);
    haul_buf_addf(&conf, "LogFile \"%s\"\nLogLevel Info\n", it_path(programs[TINYPROXY].log));
    haul_buf_add_str(&conf, "BasicAuth " IT_PROXY_NAME " " IT_PROXY_PASSWORD "\n");
    return keep("tinyproxy.conf", &conf);
}

/* microsocks is told where connections come from, so that it takes no IPv6 address for a name. */
static const char *const *arguments(enum program which)
{
    static const char *argv[PROGRAMS][12];
    const char *number = it_text("%d", port[programs[which].first]);
    const char *const all[PROGRAMS][11] = {
        [SQUID] = {"-N", "-f", which == SQUID ? squid_conf() : ""},
        [TINYPROXY] = {"-d", "-c", which == TINYPROXY ? tinyproxy_conf() : ""},
        [MICROSOCKS] = {"-i", "127.0.0.1", "-b", "127.0.0.1", "-p", number},
        [MICROSOCKS_LOGIN] = {"-i", "127.0.0.1", "-b", "127.0.0.1", "-p", number, "-u",
                              IT_PROXY_NAME, "-P", IT_PROXY_PASSWORD},
    };

    memcpy(argv[which], all[which], sizeof all[which]);
    return argv[which];
}

/* ---- their life ---- */

static bool try_start(enum program which, const char *program)
{
    enum it_proxy first = programs[which].first;
    struct it_call call = {.program = program};

    for (size_t i = 0; i < programs[which].ports; i++)
        port[first + i] = it_free_port();
    call.argv = arguments(which);
    if (which == MICROSOCKS || which == MICROSOCKS_LOGIN)
        call.error =
            open(it_path(programs[which].log), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    running[which] = it_daemon_start(&call, &port[first], programs[which].ports);
    if (call.error)
        (void)close(call.error);
    return running[which] != NULL;
}

static void start(enum program which)
{
    const char *program = it_daemon_find(programs[which].package, programs[which].places);

    if (!program)
        return;
    for (int i = 0; i < TRIES; i++)
        if (try_start(which, program))
            return;
    ck_abort_msg("%s does not start", program);
}

/* Squid, started by root, is another user a moment later, and so may others be. */
void it_proxies_start(void)
{
    ck_assert_int_eq(chmod(it_path(""), 0711), 0);
    ck_assert_int_eq(mkdir(it_path("proxies"), 0777), 0);
    ck_assert_int_eq(chmod(it_path("proxies"), 0777), 0);
    for (int i = 0; i < PROGRAMS; i++)
        start((enum program)i);
}

void it_proxies_stop(void)
{
    for (int i = 0; i < PROGRAMS; i++) {
        if (running[i]) {
            it_signal(running[i], i == MICROSOCKS || i == MICROSOCKS_LOGIN ? SIGKILL : SIGTERM);
            (void)it_finish(running[i]);
        }
        running[i] = NULL;
    }
}

static enum program program_of(enum it_proxy which)
{
    int i = 0;

    while (which >= programs[i].first + programs[i].ports)
        i++;
    return (enum program)i;
}

bool it_proxy_has(enum it_proxy which)
{
    return running[program_of(which)] != NULL;
}

int it_proxy_port(enum it_proxy which)
{
    return port[which];
}

const char *it_proxy_url(enum it_proxy which, const char *scheme)
{
    bool has_login = which != IT_PROXY_KEEPS && which != IT_PROXY_SOCKS;

    return it_text("%s://%s127.0.0.1:%d", scheme,
                   has_login ? IT_PROXY_NAME ":" IT_PROXY_PASSWORD "@" : "", port[which]);
}

const char *it_proxy_log(enum it_proxy which)
{
    const char *path = it_path(programs[program_of(which)].log);

    return access(path, R_OK) == 0 ? it_read(path, NULL) : "";
}

void it_proxy_await(enum it_proxy which, const char *text)
{
    int64_t since_ms = it_now_ms();

    while (!strstr(it_proxy_log(which), text))
        it_pause(since_ms, text);
}
