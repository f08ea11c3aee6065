#include "real_servers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "servers.h"

enum { TRIES = 10 };

static const struct {
    const char *name, *package;
    const char *program[6];
    const char *module[7]; /* a file of each of the directories where its modules may be */
} makes[IT_MAKES] = {
    [IT_NGINX] = {"nginx",
                  "nginx",
                  {"/usr/sbin/nginx", "/usr/bin/nginx", "/sbin/nginx", "/usr/local/sbin/nginx",
                   "/usr/local/bin/nginx"},
                  {NULL}},
    [IT_APACHE] = {"Apache",
                   "apache2",
                   {"/usr/sbin/apache2", "/usr/sbin/httpd", "/usr/bin/httpd",
                    "/usr/local/bin/httpd", "/opt/homebrew/bin/httpd"},
                   {"/usr/lib/apache2/modules/mod_http2.so",
                    "/usr/lib64/httpd/modules/mod_http2.so", "/usr/lib/apache2/mod_http2.so",
                    "/usr/lib/httpd/modules/mod_http2.so",
                    "/usr/local/lib/httpd/modules/mod_http2.so",
                    "/opt/homebrew/lib/httpd/modules/mod_http2.so"}},
    [IT_LIGHTTPD] = {"lighttpd",
                     "lighttpd",
                     {"/usr/sbin/lighttpd", "/usr/bin/lighttpd", "/usr/local/bin/lighttpd",
                      "/usr/local/sbin/lighttpd", "/opt/homebrew/bin/lighttpd"},
                     {"/usr/lib/lighttpd/mod_openssl.so", "/usr/lib64/lighttpd/mod_openssl.so",
                      "/usr/local/lib/mod_openssl.so", "/usr/local/lib/lighttpd/mod_openssl.so",
                      "/opt/homebrew/lib/lighttpd/mod_openssl.so"}},
};

static struct it_process *running[IT_MAKES];
static int port[IT_MAKES][IT_LISTENERS];

/* ---- any program that listens ---- */

static bool can_setup(void)
{
    const char *none = getenv("HAUL_NO_SETUP");

    return access("/usr/bin/apt-get", X_OK) == 0 && !(none && strcmp(none, "1") == 0);
}

static const char *find(const char *const *places)
{
    while (*places && access(*places, R_OK) != 0)
        places++;
    return *places;
}

const char *it_daemon_find(const char *package, const char *const *places)
{
    const char *found = find(places);

    if (found)
        return found;
    if (can_setup())
        ck_abort_msg("%s is missing: conf/setup test installs it", package);
    (void)fprintf(stderr, "no %s on this system: NOTHING IS TESTED WITH IT\n", package);
    return NULL;
}

static bool is_up(const int *ports, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!it_is_listening(ports[i]))
            return false;
    return true;
}

struct it_process *it_daemon_start(const struct it_call *call, const int *ports, size_t count)
{
    struct it_process *process = it_start(call);
    int64_t since_ms = it_now_ms();

    while (!is_up(ports, count)) {
        if (it_has_ended(process)) {
            struct it_run run = it_finish(process);

            (void)fprintf(stderr, "# %s: %s%s", call->program, run.out, run.err);
            return NULL;
        }
        it_pause(since_ms, call->program);
    }
    return process;
}

/* ---- the makes ---- */

static const char *directory_of(const char *path)
{
    return path ? it_text("%.*s", (int)(strrchr(path, '/') - path), path) : NULL;
}

/* One process each, in the foreground: with it ends all. */
static const char *const *arguments(enum it_make make, const char *conf, const char *modules)
{
    static const char *argv[8];
    const char *const all[IT_MAKES][7] = {
        [IT_NGINX] = {"-c", conf, "-p", it_path(""), "-e", "stderr"},
        [IT_APACHE] = {"-X", "-f", conf},
        [IT_LIGHTTPD] = {"-D", "-f", conf, "-m", modules},
    };

    memcpy(argv, all[make], sizeof all[make]);
    return argv;
}

static bool try_start(enum it_make make, const char *program, const struct it_make_site *site)
{
    const char *conf;

    for (int i = 0; i < IT_LISTENERS; i++)
        port[make][i] = it_free_port();
    conf = it_make_conf(make, site);
    running[make] = it_daemon_start(
        &(struct it_call){.program = program, .argv = arguments(make, conf, site->modules)},
        port[make], IT_LISTENERS);
    return running[make] != NULL;
}

bool it_make_start(enum it_make make, const char *root)
{
    struct it_make_site site = {.root = root, .port = port[make]};
    const char *program = it_daemon_find(makes[make].package, makes[make].program);
    const char *module = program && makes[make].module[0]
                             ? it_daemon_find(makes[make].package, makes[make].module)
                             : NULL;

    if (!program || (makes[make].module[0] && !module))
        return false;
    site.modules = directory_of(module);
    ck_assert_int_eq(chmod(it_path(""), 0711), 0); /* Apache serves as another user than root */
    for (int i = 0; i < TRIES; i++)
        if (try_start(make, program, &site))
            return true;
    ck_abort_msg("%s does not start", makes[make].name);
    return false;
}

void it_make_stop(void)
{
    for (int i = 0; i < IT_MAKES; i++) {
        if (running[i]) {
            it_signal(running[i], SIGTERM);
            (void)it_finish(running[i]);
        }
        running[i] = NULL;
    }
}

const char *it_make_name(enum it_make make)
{
    return makes[make].name;
}

int it_make_port(enum it_make make, enum it_listener listener)
{
    return port[make][listener];
}

const char *it_make_origin(enum it_make make, enum it_listener listener)
{
    bool is_plain =
        listener == IT_PLAIN || listener == IT_BRIEF || listener == IT_IDLE || listener == IT_PRIOR;

    return it_text("%s://127.0.0.1:%d", is_plain ? "http" : "https", port[make][listener]);
}

/* ---- the client's certificate ---- */

static void openssl(const char *const *argv)
{
    struct it_run run = it_call(&(struct it_call){.program = "/usr/bin/openssl", .argv = argv});

    ck_assert_msg(run.status == 0, "openssl %s: %s", argv[0], run.err);
}

static void make_pair(const char *cert, const char *key, const char *name)
{
    openssl(IT_ARGS("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-days", "2", "-subj", it_text("/CN=%s", name), "-keyout", key,
                    "-out", cert));
}

const struct it_client_files *it_client_files(void)
{
    static struct it_client_files files;
    const char *ca_key, *request;

    if (files.ca)
        return &files;
    files = (struct it_client_files){it_path("client-ca.pem"), it_path("client.pem"),
                                     it_path("client.key"),    it_path("client-locked.key"),
                                     it_path("foreign.pem"),   it_path("foreign.key")};
    ca_key = it_path("client-ca.key");
    request = it_path("client.csr");
    make_pair(files.ca, ca_key, "client authority");
    make_pair(files.foreign, files.foreign_key, "client");
    openssl(IT_ARGS("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-subj", "/CN=client", "-keyout", files.key, "-out", request));
    openssl(IT_ARGS("x509", "-req", "-in", request, "-CA", files.ca, "-CAkey", ca_key,
                    "-set_serial", "2", "-days", "2", "-out", files.cert));
    openssl(IT_ARGS("pkcs8", "-topk8", "-v2", "aes-256-cbc", "-in", files.key, "-out", files.locked,
                    "-passout", "pass:" IT_CLIENT_PASSWORD));
    return &files;
}
