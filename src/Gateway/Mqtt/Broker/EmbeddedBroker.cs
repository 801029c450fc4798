using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Gateway.Configuration;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace Gateway.Mqtt.Broker;

/// <summary>
/// A broker inside the program (MQTTnet's server), for the demo and for who has none (<c>mqtt.embedded</c>). What clients publish as retained
/// is kept while it runs: the gateway publishes its own anew at every start, and so does every device that keeps to the custom.
/// </summary>
internal sealed class EmbeddedBroker : IAsyncDisposable
{
    /// <summary>A client that subscribes to everything gets every retained message at once; the library's 250 would cost it some of a large house.</summary>
    private const int MostPending = 10_000;

    private readonly MqttServer _server;
    private readonly BrokerNote? _note;

    private EmbeddedBroker(MqttServer server, int port, BrokerNote? note) => (_server, Port, _note) = (server, port, note);

    public int Port { get; }

    /// <param name="place">Port 0: a free one.</param>
    /// <param name="notes">Where this user's other programs look for it; null: nobody is to.</param>
    /// <exception cref="SocketException">The port is taken, or may not be opened.</exception>
    public static async Task<EmbeddedBroker> StartAsync(EmbeddedBrokerSettings place, string? username, string? password, BrokerNotes? notes)
    {
        var port = Claim(place.Address, place.Port);
        var server = new MqttServerFactory().CreateMqttServer(Options(place.Address, port), [new NamelessClients()]);
        if (username is not null) server.ValidatingConnectionAsync += client => Validate(client, username, password ?? "");
        await server.StartAsync();
        // A note names a port on 127.0.0.1 and no password.
        return new EmbeddedBroker(server, port, username is null && place.Address.Equals(IPAddress.Loopback) ? notes?.Leave(port) : null);
    }

    /// <summary>The server starts listening in the background and says nothing of a taken port: ask the system first.</summary>
    private static int Claim(IPAddress address, int port)
    {
        using var probe = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(address, port));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    private static MqttServerOptions Options(IPAddress address, int port)
    {
        var isV6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        var options = new MqttServerOptionsBuilder()
            .WithDefaultEndpoint()
            // "Everywhere" in IPv6 means IPv4 too, and the library has a socket for each.
            .WithDefaultEndpointBoundIPAddress(!isV6 ? address : address.Equals(IPAddress.IPv6Any) ? IPAddress.Any : IPAddress.None)
            .WithDefaultEndpointBoundIPV6Address(isV6 ? address : IPAddress.None)
            .WithDefaultEndpointPort(port)
            .WithMaxPendingMessagesPerClient(MostPending)
            .Build();
        options.DefaultEndpointOptions.NoDelay = true;
        return options;
    }

    private static Task Validate(ValidatingConnectionEventArgs client, string username, string password)
    {
        // Both are compared, and in a time that does not tell how much of them was right.
        if (!(Same(client.UserName, username) & Same(client.Password, password))) client.ReasonCode = MqttConnectReasonCode.BadUserNameOrPassword;
        return Task.CompletedTask;
    }

    private static bool Same(string? given, string wanted) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given ?? ""), Encoding.UTF8.GetBytes(wanted));

    public async ValueTask DisposeAsync()
    {
        _note?.Dispose();
        await _server.StopAsync();
        _server.Dispose();
    }
}
