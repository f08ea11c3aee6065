#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "real_servers.h"
#include "servers.h"

/* The configuration files of the makes of real_servers.h. */

enum { SLOW_BYTES = 100 * 1024 }; /* a second, for who sends a field "Slow" */

static bool is_secure(int listener)
{
    return listener == IT_SECURE || listener == IT_BRIEF_SECURE || listener == IT_IDLE_SECURE ||
           listener == IT_CERT || listener == IT_TLS12;
}

static bool is_brief(int listener)
{
    return listener == IT_BRIEF || listener == IT_BRIEF_SECURE;
}

static bool is_idle(int listener)
{
    return listener == IT_IDLE || listener == IT_IDLE_SECURE;
}

static const char *keep(const char *name, struct haul_buf *conf)
{
    const char *path = it_path(name);

    it_write(path, conf->data, conf->len);
    haul_buf_done(conf);
    return path;
}

/* ---- nginx ---- */

static void add_nginx_tls(struct haul_buf *conf, int listener)
{
    haul_buf_addf(conf, "ssl_certificate '%s'; ssl_certificate_key '%s';\n", it_path("server.pem"),
                  it_path("server.key"));
    haul_buf_addf(conf, "ssl_protocols TLSv1.2%s;\n", listener == IT_TLS12 ? "" : " TLSv1.3");
    if (listener == IT_CERT)
        haul_buf_addf(conf, "ssl_verify_client on; ssl_client_certificate '%s';\n",
                      it_client_files()->ca);
}

static void add_nginx_server(struct haul_buf *conf, const struct it_make_site *site, int listener)
{
    haul_buf_addf(conf, "server {\nlisten 127.0.0.1:%d%s;\n", site->port[listener],
                  is_secure(listener)    ? " ssl http2"
                  : listener == IT_PRIOR ? " http2"
                                         : "");
    if (is_secure(listener))
        add_nginx_tls(conf, listener);
    haul_buf_addf(conf, "keepalive_requests %d; keepalive_timeout %dms;\n",
                  is_brief(listener) ? IT_BRIEF_REQUESTS : 100000,
                  is_idle(listener) ? IT_IDLE_MS : 60000);
    if (is_brief(listener))
        haul_buf_addf(conf, "http2_max_concurrent_streams %d;\n", IT_BRIEF_STREAMS);
    haul_buf_addf(conf, "root '%s'; if ($http_slow) { set $limit_rate %d; }\n", site->root,
                  SLOW_BYTES);
    haul_buf_add_str(conf, "location /moved/ { rewrite ^/moved/(.*)$ /$1 redirect; }\n");
    haul_buf_add_str(conf, "location /packed/ { gzip on; gzip_types *; gzip_min_length 1; }\n");
    haul_buf_addf(conf,
                  "location /second/ { allow 127.0.0.2; deny all; alias '%s/'; }\n"
                  "location /upstream/ { proxy_pass http://127.0.0.1:%d/; proxy_buffering off; }\n",
                  site->root, it_port("http"));
    haul_buf_add_str(conf, "}\n");
}

static const char *nginx_conf(const struct it_make_site *site)
{
    static const char *const temps[] = {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"};
    struct haul_buf conf;

    haul_buf_init(&conf, 0);
    haul_buf_addf(&conf, "daemon off; master_process off; pid '%s'; error_log stderr crit;\n",
                  it_path("make-nginx.pid"));
    haul_buf_add_str(&conf, "events { worker_connections 1024; }\nhttp {\naccess_log off;\n"
                            "default_type text/plain;\n");
    for (size_t i = 0; i < sizeof temps / sizeof *temps; i++)
        haul_buf_addf(&conf, "%s_temp_path '%s';\n", temps[i],
                      it_path(it_text("make-%s", temps[i])));
    for (int i = 0; i < IT_LISTENERS; i++)
        add_nginx_server(&conf, site, i);
    haul_buf_add_str(&conf, "}\n");
    return keep("make-nginx.conf", &conf);
}

/* ---- Apache ---- */

static void add_apache_modules(struct haul_buf *conf, const char *directory)
{
    static const char *const names[] = {
        "mpm_event", "authz_core", "alias",         "deflate", "env",   "ratelimit", "filter",
        "proxy",     "proxy_http", "socache_shmcb", "ssl",     "http2", "unixd"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        haul_buf_addf(conf,
                      "<IfModule !%s_module>\nLoadModule %s_module '%s/mod_%s.so'\n</IfModule>\n",
                      names[i], names[i], directory, names[i]);
}

static void add_apache_tls(struct haul_buf *conf, int listener)
{
    haul_buf_addf(conf, "SSLEngine on\nSSLCertificateFile '%s'\nSSLCertificateKeyFile '%s'\n",
                  it_path("server.pem"), it_path("server.key"));
    if (listener == IT_TLS12)
        haul_buf_add_str(conf, "SSLProtocol TLSv1.2\n");
    if (listener == IT_CERT)
        haul_buf_addf(conf, "SSLVerifyClient require\nSSLCACertificateFile '%s'\n",
                      it_client_files()->ca);
}

static void add_apache_host(struct haul_buf *conf, const struct it_make_site *site, int listener)
{
    haul_buf_addf(conf, "Listen 127.0.0.1:%d\n<VirtualHost 127.0.0.1:%d>\n", site->port[listener],
                  site->port[listener]);
    haul_buf_addf(conf, "Protocols %s http/1.1\n",
                  is_secure(listener)    ? "h2"
                  : listener == IT_PRIOR ? "h2c"
                                         : "");
    if (is_secure(listener))
        add_apache_tls(conf, listener);
    haul_buf_addf(conf, "MaxKeepAliveRequests %d\nKeepAliveTimeout %dms\n",
                  is_brief(listener) ? IT_BRIEF_REQUESTS : 0,
                  is_idle(listener) ? IT_IDLE_MS : 60000);
    if (is_brief(listener))
        haul_buf_addf(conf, "H2MaxSessionStreams %d\n", IT_BRIEF_STREAMS);
    haul_buf_add_str(conf, "</VirtualHost>\n");
}

static const char *apache_conf(const struct it_make_site *site)
{
    struct haul_buf conf;

    haul_buf_init(&conf, 0);
    add_apache_modules(&conf, site->modules);
    haul_buf_addf(&conf, "ServerRoot '%s'\nServerName 127.0.0.1\nDefaultRuntimeDir '%s'\n",
                  it_path(""), it_path(""));
    haul_buf_addf(&conf, "PidFile '%s'\nErrorLog '%s'\nLogLevel error\n",
                  it_path("make-apache.pid"), it_path("make-apache.log"));
    if (getuid() == 0)
        haul_buf_add_str(&conf, "User #65534\nGroup #65534\n");
    haul_buf_add_str(&conf, "ServerLimit 1\nStartServers 1\nThreadLimit 64\nThreadsPerChild 64\n"
                            "MaxRequestWorkers 64\nKeepAlive on\nH2Direct on\n");
    haul_buf_addf(&conf, "DocumentRoot '%s'\n<Directory />\nRequire all granted\n</Directory>\n",
                  site->root);
    haul_buf_add_str(&conf, "RedirectMatch 302 ^/moved/(.*)$ /$1\n"
                            "<Location /packed/>\nSetOutputFilter DEFLATE\n</Location>\n");
    haul_buf_addf(&conf,
                  "<If \"-n %%{HTTP:Slow}\">\nSetOutputFilter RATE_LIMIT\n"
                  "SetEnv rate-limit %d\n</If>\n",
                  SLOW_BYTES / 1024);
    haul_buf_addf(&conf, "ProxyPass /upstream/ http://127.0.0.1:%d/ flushpackets=on\n",
                  it_port("http"));
    for (int i = 0; i < IT_LISTENERS; i++)
        add_apache_host(&conf, site, i);
    return keep("make-apache.conf", &conf);
}

/* ---- lighttpd ---- */

/* With the authority behind it: lighttpd would look for it among those of the clients. */
static const char *write_chain(void)
{
    const char *path = it_path("make-lighttpd.pem");
    const char *text =
        it_text("%s%s", it_read(it_path("server.pem"), NULL), it_read(it_ca_file(), NULL));

    it_write(path, text, strlen(text));
    return path;
}

static void add_lighttpd_tls(struct haul_buf *conf, int listener)
{
    haul_buf_addf(conf, "ssl.engine = \"enable\"\nssl.pemfile = \"%s\"\nssl.privkey = \"%s\"\n",
                  write_chain(), it_path("server.key"));
    if (listener == IT_TLS12)
        haul_buf_add_str(conf, "ssl.openssl.ssl-conf-cmd = (\"MinProtocol\" => \"TLSv1.2\", "
                               "\"MaxProtocol\" => \"TLSv1.2\")\n");
    if (listener == IT_CERT)
        haul_buf_addf(conf,
                      "ssl.verifyclient.activate = \"enable\"\n"
                      "ssl.verifyclient.enforce = \"enable\"\n"
                      "ssl.verifyclient.ca-file = \"%s\"\n",
                      it_client_files()->ca);
}

static void add_lighttpd_socket(struct haul_buf *conf, const struct it_make_site *site,
                                int listener)
{
    haul_buf_addf(conf, "$SERVER[\"socket\"] == \"127.0.0.1:%d\" {\n", site->port[listener]);
    if (is_secure(listener))
        add_lighttpd_tls(conf, listener);
    haul_buf_addf(conf, "server.max-keep-alive-requests = %d\nserver.max-keep-alive-idle = %d\n}\n",
                  is_brief(listener) ? IT_BRIEF_REQUESTS : 65535,
                  is_idle(listener) ? IT_IDLE_MS / 1000 : 60);
}

static const char *lighttpd_conf(const struct it_make_site *site)
{
    struct haul_buf conf;

    haul_buf_init(&conf, 0);
    haul_buf_add_str(&conf, "server.modules = (\"mod_redirect\", \"mod_openssl\", \"mod_deflate\", "
                            "\"mod_proxy\")\n");
    haul_buf_addf(&conf,
                  "server.document-root = \"%s\"\nserver.bind = \"127.0.0.1\"\nserver.port = %d\n",
                  site->root, site->port[IT_PLAIN]);
    haul_buf_addf(&conf, "server.errorlog = \"%s\"\nserver.upload-dirs = (\"%s\")\n",
                  it_path("make-lighttpd.log"), it_path(""));
    haul_buf_add_str(&conf, "server.stream-response-body = 1\n"
                            "mimetype.assign = (\"\" => \"text/plain\")\n"
                            "url.redirect = (\"^/moved/(.*)$\" => \"/$1\")\n"
                            "url.redirect-code = 302\n"
                            "$HTTP[\"url\"] =~ \"^/packed/\" {\n"
                            "deflate.mimetypes = (\"text/\")\n"
                            "deflate.allowed-encodings = (\"gzip\")\n}\n");
    haul_buf_addf(&conf,
                  "$REQUEST_HEADER[\"Slow\"] != \"\" {\nconnection.kbytes-per-second = %d\n}\n",
                  SLOW_BYTES / 1024);
    haul_buf_addf(&conf,
                  "$HTTP[\"url\"] =~ \"^/upstream/\" {\n"
                  "proxy.server = (\"\" => ((\"host\" => \"127.0.0.1\", \"port\" => %d)))\n"
                  "proxy.header = (\"map-urlpath\" => (\"/upstream/\" => \"/\"))\n}\n",
                  it_port("http"));
    for (int i = 0; i < IT_LISTENERS; i++)
        add_lighttpd_socket(&conf, site, i);
    return keep("make-lighttpd.conf", &conf);
}

/* ---- ---- */

const char *it_make_conf(enum it_make make, const struct it_make_site *site)
{
    switch (make) {
    case IT_NGINX:
        return nginx_conf(site);
    case IT_APACHE:
        return apache_conf(site);
    default:
        return lighttpd_conf(site);
    }
}
