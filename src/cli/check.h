#ifndef HAUL_CLI_CHECK_H
#define HAUL_CLI_CHECK_H

/*
 * Whether a text may be the value of an option. Each returns NULL if it may, or a phrase, static,
 * that says why not and what is allowed. Pure but for haul_check_interface, any thread.
 */

/* Not empty. */
const char *haul_check_name(const char *text);

/* No control characters: nothing that could end a line of a request. */
const char *haul_check_line(const char *text);

/*
 * A header field (haul_field_check) that is no URL, and does not ask for a part of a body: haul
 * would take that for the whole.
 */
const char *haul_check_header(const char *text);

/*
 * The URL of a proxy, as curl's --proxy: [SCHEME://][USER:PASSWORD@]HOST[:PORT]; the schemes are
 * those that libcurl has for proxies. "" is none.
 */
const char *haul_check_proxy(const char *text);

/* The name of a sitemap: a file's, or a URL of http or https. */
const char *haul_check_sitemap(const char *text);

/* A URL of http or https, with its scheme. */
const char *haul_check_url(const char *text);

/* "name:password", neither with control characters (RFC 7617, 2). */
const char *haul_check_user(const char *text);

/* A passphrase: not empty, no control characters. */
const char *haul_check_pass(const char *text);

/*
 * Where to connect from, as curl's --interface: "if!NAME", of an interface that there is now;
 * "host!NAME", of a host or an address; or one that tells by itself that it is an interface or an
 * address. A host needs its prefix: libcurl would look up the name of an interface that is gone.
 * "" is none.
 */
const char *haul_check_interface(const char *text);

/* "HOST1:PORT1:HOST2:PORT2", as curl's --connect-to; parts may be empty; IPv6 in brackets. */
const char *haul_check_connect_to(const char *text);

/* "[+]HOST:PORT:ADDRESS[,ADDRESS]...", as curl's --resolve; IPv6 addresses in brackets or bare. */
const char *haul_check_resolve(const char *text);

/* A rule of --redact, as haul_redactor_create takes it. */
const char *haul_check_redact(const char *text);

/* FORMAT:FILE (model/target.h). */
const char *haul_check_report(const char *text);

#endif
