using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Configuration;

/// <summary>A host name or address with a port; IPv6 in brackets when written, without them in <see cref="Host"/>.</summary>
internal sealed record HostAndPort(string Host, int Port)
{
    public bool IsLoopback => Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    /// <param name="defaultPort">Where none is written; null: it must be.</param>
    public static HostAndPort? Parse(string text, int? defaultPort)
    {
        var bracket = text.StartsWith('[') ? text.IndexOf(']', StringComparison.Ordinal) : -1;
        var colon = text.IndexOf(':', Math.Max(bracket, 0));
        var host = colon < 0 ? text : text[..colon];
        var port = colon < 0 ? defaultPort : Number(text[(colon + 1)..]);
        if (port is not { } number) return null;
        if (bracket < 0) return Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4 ? new HostAndPort(host, number) : null;
        if (host.Length != bracket + 1) return null;
        var inner = host[1..bracket];
        return IPAddress.TryParse(inner, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? new HostAndPort(inner, number) : null;
    }

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535 ? port : null;
}
