using System.Net;
using System.Net.Sockets;
using MQTTnet.Server;

namespace Gateway.Demo;

/// <summary>The demo's own broker: MQTTnet's server on loopback, for no one but this machine.</summary>
internal sealed class EmbeddedBroker : IAsyncDisposable
{
    private readonly MqttServer _server;

    private EmbeddedBroker(MqttServer server, int port) => (_server, Port) = (server, port);

    public int Port { get; }

    /// <param name="port">0: a free one.</param>
    /// <exception cref="SocketException">The port is taken, or may not be opened.</exception>
    public static async Task<EmbeddedBroker> StartAsync(int port)
    {
        // The server starts listening in the background and says nothing of a taken port: ask the system first.
        using (var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
            port = ((IPEndPoint)probe.LocalEndPoint!).Port;
        }

        var options = new MqttServerOptionsBuilder()
            .WithDefaultEndpoint()
            .WithDefaultEndpointBoundIPAddress(IPAddress.Loopback)
            .WithDefaultEndpointBoundIPV6Address(IPAddress.None)
            .WithDefaultEndpointPort(port)
            .Build();
        options.DefaultEndpointOptions.NoDelay = true;
        var server = new MqttServerFactory().CreateMqttServer(options, [new NamelessClients()]);
        await server.StartAsync();
        return new EmbeddedBroker(server, port);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync();
        _server.Dispose();
    }
}
