#include "confined_home.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "servers.h"

const char *home;

void make_home(void)
{
    const char *authority;
    size_t len;

    home = it_path("home");
    it_remove_tree(home);
    ck_assert_int_eq(mkdir(home, 0700), 0);
    ck_assert_int_eq(mkdir(it_path("home/tmp"), 0700), 0);
    ck_assert_int_eq(mkdir(it_path("home/trust"), 0700), 0);
    authority = it_read(it_ca_file(), &len);
    it_write(it_path("home/trust/ca.pem"), authority, len);
    it_reset_server();
}

struct it_run shell_with(const char *const *env, const char *script)
{
    struct haul_buf text;
    struct it_run run;

    haul_buf_init(&text, 0);
    haul_buf_addf(&text,
                  "cd '%s' && export TMPDIR='%s/tmp' haul=\"${PROBELIB:+env "
                  "LD_PRELOAD=$PROBELIB }%s --sandbox require --cacert %s -q\" "
                  "url='%s' ca='%s' tls='https://127.0.0.1:%d'; set -e\n"
                  "verb() { v=$1; shift; '%s' \"$v\" --sandbox require -q \"$@\"; }\n%s",
                  home, home, getenv("HAUL_BIN"), it_path("home/trust/ca.pem"), it_url("%s", ""),
                  it_path("home/trust/ca.pem"), it_port("tls"), getenv("HAUL_BIN"), script);
    run = it_call(&(struct it_call){
        .program = "/bin/sh", .argv = IT_ARGS("-c", haul_buf_str(&text)), .env = env});
    haul_buf_done(&text);
    return run;
}

struct it_run shell(const char *script)
{
    return shell_with(NULL, script);
}

void check_shell(const char *script)
{
    struct it_run run = shell(script);

    ck_assert_msg(run.status == 0, "%s: %d: %s%s", script, run.status, run.out, run.err);
    ck_assert_str_eq(run.err, "");
}
