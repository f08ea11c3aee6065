#ifndef HAUL_CLI_CHECK_H
#define HAUL_CLI_CHECK_H

/*
 * Whether a text may be the value of an option. Each returns NULL if it may, or a phrase, static,
 * that says why not and what is allowed. Pure, any thread.
 */

/* Not empty. */
const char *haul_check_name(const char *text);

/* No control characters: nothing that could end a line of a request. */
const char *haul_check_line(const char *text);

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

/* "[+]HOST:PORT:ADDRESS[,ADDRESS]...", as curl's --resolve; IPv6 addresses in brackets or bare. */
const char *haul_check_resolve(const char *text);

/* A rule of --redact, as haul_redactor_create takes it. */
const char *haul_check_redact(const char *text);

/* FORMAT:FILE (model/target.h). */
const char *haul_check_report(const char *text);

#endif
