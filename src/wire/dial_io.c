#include "wire/dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#ifdef __linux__
#include <linux/sockios.h>
#endif

/* ---- bytes ---- */

static enum haul_dial_io of_errno(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? HAUL_DIAL_AGAIN
                                                                     : HAUL_DIAL_BROKEN;
}

static enum haul_dial_io of_code(CURLcode code)
{
    return code == CURLE_AGAIN ? HAUL_DIAL_AGAIN : HAUL_DIAL_BROKEN;
}

static enum haul_dial_io take_early(struct haul_dial *dial, char *bytes, size_t size, size_t *moved)
{
    *moved = dial->early_len < size ? dial->early_len : size;
    memcpy(bytes, dial->early, *moved);
    dial->early_len -= *moved;
    memmove(dial->early, dial->early + *moved, dial->early_len);
    return HAUL_DIAL_OK;
}

bool haul_dial_has_early(const struct haul_dial *dial)
{
    return dial->early_len;
}

bool haul_dial_has_hidden(const struct haul_dial *dial)
{
    return dial->early_len || haul_tls_has_bytes(&dial->tls);
}

bool haul_dial_hides_nothing(const struct haul_dial *dial)
{
    return (dial->is_plain || dial->tls.buffer) && !haul_dial_has_hidden(dial);
}

/*
 * Anybody can end a connection; over TLS only the server can say that it has ended it (RFC 8446,
 * 6.1). libcurl 7.88 tells the one from the other as little as TCP does.
 */
static bool is_good_end(const struct haul_dial *dial)
{
    return !dial->tls.is_done || dial->tls.said_goodbye;
}

enum haul_dial_io haul_dial_receive(struct haul_dial *dial, char *bytes, size_t size, size_t *moved)
{
    *moved = 0;
    if (dial->early_len)
        return take_early(dial, bytes, size, moved);
    if (dial->is_plain) {
        ssize_t len = recv(dial->fd, bytes, size, MSG_DONTWAIT);

        if (len < 0)
            return of_errno();
        *moved = (size_t)len;
    } else {
        CURLcode code = curl_easy_recv(dial->easy, bytes, size, moved);

        if (code)
            return of_code(code);
    }
    if (*moved)
        return HAUL_DIAL_OK;
    return is_good_end(dial) ? HAUL_DIAL_END : HAUL_DIAL_CUT;
}

enum haul_dial_io haul_dial_send(struct haul_dial *dial, const char *bytes, size_t len,
                                 size_t *moved)
{
    *moved = 0;
    if (dial->is_plain) {
        ssize_t sent = send(dial->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent < 0)
            return of_errno();
        *moved = (size_t)sent;
    } else {
        CURLcode code = curl_easy_send(dial->easy, bytes, len, moved);

        if (code)
            return of_code(code);
    }
    return *moved ? HAUL_DIAL_OK : HAUL_DIAL_AGAIN;
}

bool haul_dial_is_pending(const struct haul_dial *dial)
{
#ifdef SIOCOUTQ
    int bytes = 0;

    return !ioctl(dial->fd, SIOCOUTQ, &bytes) && bytes > 0;
#else
    (void)dial;
    return false;
#endif
}

/* ---- what is known ---- */

const char *haul_dial_tried(const struct haul_dial *dial, char text[INET6_ADDRSTRLEN], int *port)
{
    const struct sockaddr *any = (const struct sockaddr *)&dial->address;

    text[0] = '\0';
    *port = 0;
    if (any->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)&dial->address;

        *port = ntohs(in->sin_port);
        return inet_ntop(AF_INET, &in->sin_addr, text, INET6_ADDRSTRLEN);
    }
    if (any->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&dial->address;

        *port = ntohs(in6->sin6_port);
        return inet_ntop(AF_INET6, &in6->sin6_addr, text, INET6_ADDRSTRLEN);
    }
    return text;
}

const char *haul_dial_peer(const struct haul_dial *dial, int *port, long *verify_result)
{
    char *ip = NULL;
    long number = 0;

    *verify_result = 0;
    curl_easy_getinfo(dial->easy, CURLINFO_PRIMARY_PORT, &number);
    curl_easy_getinfo(dial->easy, CURLINFO_SSL_VERIFYRESULT, verify_result);
    *port = (int)number;
    return curl_easy_getinfo(dial->easy, CURLINFO_PRIMARY_IP, &ip) == CURLE_OK && ip ? ip : "";
}

static int64_t time_of(const struct haul_dial *dial, CURLINFO info)
{
    curl_off_t value = 0;

    curl_easy_getinfo(dial->easy, info, &value);
    return value;
}

void haul_dial_look_at_times(const struct haul_dial *dial, struct haul_dial_times *times)
{
    times->resolved_us = time_of(dial, CURLINFO_NAMELOOKUP_TIME_T);
    times->connected_us = time_of(dial, CURLINFO_CONNECT_TIME_T);
    times->secured_us = time_of(dial, CURLINFO_APPCONNECT_TIME_T);
}

long haul_dial_os_errno(const struct haul_dial *dial)
{
    long os_errno = 0;

    curl_easy_getinfo(dial->easy, CURLINFO_OS_ERRNO, &os_errno);
    return os_errno;
}
