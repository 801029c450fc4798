using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Configuration;
using Gateway.House;
using Gateway.Mqtt;
using MQTTnet.Protocol;
using MQTTnet.Server;
using Microsoft.Extensions.Logging;

namespace Gateway.IntegrationTests.Mqtt;

public sealed class ConnectionTests
{
    private const string Availability = "tutti/gateway/gw1/availability";
    private const string FlipState = "tutti/speaker/flip/state";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_house_appears_discovery_before_states_before_availability(bool old)
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var ear = await Listener.StartAsync(broker.Port);
        await using var gateway = await GatewayRig.StartAsync(new MqttSettings { Port = broker.Port, Protocol = old ? MqttProtocol.V311 : MqttProtocol.V5 }, SmallHouse.Make());

        await ear.HearsAsync(Availability, "online");

        var order = ear.All.Where(h => h.Text.Length > 0).Select(h => h.Topic).ToList();
        var lastDiscovery = order.FindLastIndex(t => t.EndsWith("/config", StringComparison.Ordinal));
        Assert.Equal(6, order.Count(t => t.EndsWith("/config", StringComparison.Ordinal)));
        Assert.Equal("homeassistant/device/tutti_gateway_gw1/config", order.First(t => t.EndsWith("/config", StringComparison.Ordinal)));
        Assert.True(lastDiscovery < order.IndexOf(FlipState));
        Assert.True(order.FindLastIndex(t => t.EndsWith("/state", StringComparison.Ordinal)) < order.FindIndex(t => t.EndsWith("/availability", StringComparison.Ordinal)));
        Assert.Equal(Availability, order[^1]);
        Assert.All(ear.All, h => Assert.True(h.Retain));
    }

    [Fact]
    public async Task A_clean_stop_says_offline()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var ear = await Listener.StartAsync(broker.Port);
        await using var gateway = await GatewayRig.StartAsync(broker, SmallHouse.Make());
        await ear.HearsAsync(Availability, "online");

        await gateway.StopAsync();

        await ear.HearsAsync(Availability, "offline");
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_a_frozen_broker()
    {
        await using var broker = await Mosquitto.StartAsync();
        // Whoever waited for its answers would wait for hours.
        var endless = GatewayRig.Quick with { Timeout = TimeSpan.FromHours(2), KeepAlive = TimeSpan.FromHours(2) };
        await using var gateway = await GatewayRig.StartAsync(new MqttSettings { Port = broker.Port }, SmallHouse.Make(), timings: endless);
        await gateway.ConnectedAsync();
        broker.Freeze();

        await gateway.StopAsync().WaitAsync(Patience.Hang);
    }

    [Fact]
    public async Task After_a_restart_of_the_broker_everything_is_said_again_and_logged_once()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var gateway = await GatewayRig.StartAsync(broker, SmallHouse.Make());
        await gateway.ConnectedAsync();
        broker.Kill();
        await gateway.WarningAsync();
        gateway.Hub.Publish(SmallHouse.Make() with { Speakers = [SmallHouse.Speaker("flip") with { Volume = 33 }] });

        await broker.StartAgainAsync();
        await using var ear = await Listener.StartAsync(broker.Port);

        await ear.HearsAsync(Availability, "online");
        Assert.Contains("\"volume\":33", ear.Last(FlipState), StringComparison.Ordinal);
        Assert.NotNull(ear.Last("homeassistant/device/tutti_speaker_flip/config"));
        await Eventually.TrueAsync("the recovery is logged", () => gateway.Log.Count(l => l.Text.Contains("again, after", StringComparison.Ordinal)) == 1);
        Assert.True(gateway.Log.Count(l => l.Level >= LogLevel.Warning) <= 2, "One for the loss, one for the refused connection."); 
    }

    [Fact]
    public async Task Answers_and_events_wait_for_the_broker_and_telemetry_does_not()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var gateway = await GatewayRig.StartAsync(broker, SmallHouse.Make());
        await gateway.ConnectedAsync();
        broker.Kill();
        await Eventually.TrueAsync("the loss is noticed", () => !gateway.Connection.IsConnected);
        gateway.Hub.Publish(new HouseEvent(HouseEventType.LinkLost, DateTimeOffset.UnixEpoch, "flip", null, null, "Flip is gone.", ["L2"]));
        gateway.Connection.Send(new Outgoing { Topic = "tutti/speaker/flip/sync", Payload = "{}"u8.ToArray() });
        await broker.StartAgainAsync();
        await using var ear = await Listener.StartAsync(broker.Port);

        var happened = await ear.HearsAsync("tutti/event", h => true);

        Assert.Equal("""{"event_type":"link_lost","at":"1970-01-01T00:00:00+00:00","device":"flip","peer":null,"group":null,"text":"Flip is gone.","rules":["L2"],"question":null}""", happened.Text);
        Assert.False(happened.Retain);
        Assert.Empty(ear.On("tutti/speaker/flip/sync"));
    }

    [Fact]
    public async Task A_frozen_broker_is_noticed_and_found_again()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var gateway = await GatewayRig.StartAsync(broker, SmallHouse.Make());
        await gateway.ConnectedAsync();

        broker.Freeze();
        var lost = await gateway.WarningAsync("stopped answering");
        broker.Thaw();

        await gateway.ConnectedAsync();
        Assert.Contains($"mqtt://127.0.0.1:{broker.Port}", lost.Text, StringComparison.Ordinal);
    }

    /// <summary>Figures go without an acknowledgement, so nothing of theirs is missed.</summary>
    [Fact]
    public async Task A_frozen_broker_is_noticed_also_where_something_is_sent_all_the_time()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var gateway = await GatewayRig.StartAsync(broker, SmallHouse.Make());
        await gateway.ConnectedAsync();

        broker.Freeze();
        await Eventually.TrueAsync("it is noticed", () =>
        {
            gateway.Connection.Send(new Outgoing { Topic = "tutti/speaker/flip/sync", Payload = "{}"u8.ToArray(), Quality = MqttQualityOfServiceLevel.AtMostOnce });
            return gateway.Log.Any(l => l.Text.Contains("the broker stopped answering", StringComparison.Ordinal));
        });
        broker.Thaw();

        await gateway.ConnectedAsync();
    }

    [Fact]
    public async Task A_dead_connection_leaves_the_will()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var relay = new Relay(broker.Port);
        await using var ear = await Listener.StartAsync(broker.Port);
        await using var gateway = await GatewayRig.StartAsync(new MqttSettings { Port = relay.Port }, SmallHouse.Make());
        await ear.HearsAsync(Availability, "online");

        relay.Cut();

        var offline = await ear.HearsAsync(Availability, h => h.Text == "offline");
        Assert.True(offline.Retain);
        await ear.HearsAsync(Availability, "online");
    }

    [Fact]
    public async Task A_port_that_refuses_gives_one_warning_with_remedy_and_no_busy_loop()
    {
        var port = LoopbackPort.Free();
        await using var gateway = await GatewayRig.StartAsync(new MqttSettings { Port = port }, SmallHouse.Make());

        var warning = await gateway.WarningAsync();
        await Eventually.TrueAsync("three more tries", () => gateway.Log.Count(l => l.Text.StartsWith("Try ", StringComparison.Ordinal)) >= 3);

        Assert.Contains($"mqtt://127.0.0.1:{port}: nothing listens there (connection refused). Start the broker, or correct host and port in mqtt.url. Next try in 0.", warning.Text, StringComparison.Ordinal);
        Assert.Single(gateway.Log, l => l.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task A_host_that_accepts_and_never_answers_is_called_silent()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var gateway = await GatewayRig.StartAsync(new MqttSettings { Port = ((IPEndPoint)silent.LocalEndpoint).Port }, SmallHouse.Make());

        var warning = await gateway.WarningAsync();

        Assert.True(warning.Text.Contains("the host does not answer", StringComparison.Ordinal), warning.Text);
    }

    [Fact]
    public async Task A_host_with_a_full_backlog_is_called_silent()
    {
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        var port = ((IPEndPoint)full.LocalEndPoint!).Port;
        var stuffing = Enumerable.Range(0, 4).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false }).ToArray();
        foreach (var socket in stuffing)
        {
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port).WaitAsync(TimeSpan.FromMilliseconds(100));
            }
            catch (TimeoutException)
            {
                // The backlog is full: as wanted.
            }
        }

        await using var gateway = await GatewayRig.StartAsync(new MqttSettings { Port = port }, SmallHouse.Make());
        var warning = await gateway.WarningAsync();

        Assert.Contains("the host does not answer", warning.Text, StringComparison.Ordinal);
        foreach (var socket in stuffing) socket.Dispose();
    }

    [Fact]
    public async Task A_host_that_hangs_up_at_once_is_named_so()
    {
        using var rude = new TcpListener(IPAddress.Loopback, 0);
        rude.Start();
        _ = Task.Run(async () =>
        {
            while (true) (await rude.AcceptTcpClientAsync()).Dispose();
        });
        await using var gateway = await GatewayRig.StartAsync(new MqttSettings { Port = ((IPEndPoint)rude.LocalEndpoint).Port }, SmallHouse.Make());

        var warning = await gateway.WarningAsync();

        Assert.Contains("the connection was cut before the broker answered", warning.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_host_name_is_called_unknown()
    {
        await using var gateway = await GatewayRig.StartAsync(new MqttSettings { Host = "no-such-host.invalid" }, SmallHouse.Make(), timings: new());

        var warning = await gateway.WarningAsync();

        Assert.Contains("the host name no-such-host.invalid is unknown", warning.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Something_that_is_no_broker_is_named_so()
    {
        using var web = new TcpListener(IPAddress.Loopback, 0);
        web.Start();
        _ = Task.Run(async () =>
        {
            while (true)
            {
                using var client = await web.AcceptTcpClientAsync();
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 400 Bad Request\r\nX: " + new string('x', 500) + "\r\n\r\n"));
            }
        });
        await using var gateway = await GatewayRig.StartAsync(new MqttSettings { Port = ((IPEndPoint)web.LocalEndpoint).Port }, SmallHouse.Make());

        var warning = await gateway.WarningAsync();

        Assert.True(warning.Text.Contains("does not speak MQTT", StringComparison.Ordinal), warning.Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_wrong_password_is_named_and_neither_it_nor_the_user_is_printed(bool old)
    {
        await using var broker = await Mosquitto.StartAsync($"allow_anonymous false\npassword_file {Mosquitto.PasswordFile("alice", "right")}");
        var settings = new MqttSettings { Port = broker.Port, Username = "alice", Password = "hunter2", Protocol = old ? MqttProtocol.V311 : MqttProtocol.V5 };
        await using var gateway = await GatewayRig.StartAsync(settings, SmallHouse.Make());

        var warning = await gateway.WarningAsync();

        Assert.Contains("wrong user name or password", warning.Text, StringComparison.Ordinal);
        Assert.Contains("Correct mqtt.username and mqtt.password", warning.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.Log, l => l.Text.Contains("hunter2", StringComparison.Ordinal) || l.Text.Contains("alice", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_right_password_is_let_in()
    {
        await using var broker = await Mosquitto.StartAsync($"allow_anonymous false\npassword_file {Mosquitto.PasswordFile("tutti", "right")}");
        await using var gateway = await GatewayRig.StartAsync(new MqttSettings { Port = broker.Port, Username = "tutti", Password = "right" }, SmallHouse.Make());

        await gateway.ConnectedAsync();

        Assert.DoesNotContain(gateway.Log, l => l.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task A_broker_that_wants_a_password_when_none_is_set_is_named()
    {
        await using var broker = await Mosquitto.StartAsync($"allow_anonymous false\npassword_file {Mosquitto.PasswordFile("tutti", "right")}");
        await using var gateway = await GatewayRig.StartAsync(broker, SmallHouse.Make());

        var warning = await gateway.WarningAsync();

        Assert.Contains("the broker asks for a user name and password", warning.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quick_losses_without_a_word_are_not_called_another_client()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var relay = new Relay(broker.Port);
        await using var ear = await Listener.StartAsync(broker.Port);
        await using var gateway = await GatewayRig.StartAsync(new MqttSettings { Port = relay.Port }, SmallHouse.Make());
        for (var loss = 0; loss < 5; loss++)
        {
            await ear.HearsAsync(Availability, "online");
            ear.Forget();
            relay.Cut();
        }

        await ear.HearsAsync(Availability, "online");

        Assert.DoesNotContain(gateway.Log, l => l.Text.Contains("connected with our client id", StringComparison.Ordinal));
        Assert.All(gateway.Log.Where(l => l.Text.Contains("Next try in", StringComparison.Ordinal)), l => Assert.InRange(SecondsToNextTry(l), 0, 1));
    }

    [Fact]
    public async Task A_broker_that_says_who_took_the_session_is_quoted_and_we_stay_away_when_it_goes_on()
    {
        var port = LoopbackPort.Free();
        var options = new MqttServerOptionsBuilder().WithDefaultEndpoint().WithDefaultEndpointPort(port).WithDefaultEndpointBoundIPAddress(IPAddress.Loopback).Build();
        using var broker = new MqttServerFactory().CreateMqttServer(options);
        await broker.StartAsync();
        await using var gateway = await GatewayRig.StartAsync(new MqttSettings { Port = port }, SmallHouse.Make());
        // Of some the broker's word is lost, as its end of the connection may be met first: those are no takeovers.
        for (var thrownOut = 1; Takeovers().Count < 3 && thrownOut <= 12; thrownOut++)
        {
            await gateway.ConnectedAsync();
            await using var other = await Listener.StartAsync(port, o => o.WithClientId("tutti-gw1"));
            await Eventually.TrueAsync("it is thrown out", () => Tries().Count == thrownOut);
        }

        Assert.Contains("Is a second gateway running?", Takeovers()[0].Text, StringComparison.Ordinal);
        Assert.Equal([true, true, false], Takeovers().Select(l => SecondsToNextTry(l) < 1));
        return;

        List<LogLine> Tries() => [.. gateway.Log.Where(l => l.Text.Contains("Next try in", StringComparison.Ordinal))];
        List<LogLine> Takeovers() => [.. Tries().Where(l => l.Text.Contains("another client connected with our client id \"tutti-gw1\" and the broker threw us out.", StringComparison.Ordinal))];
    }

    [Fact]
    public async Task A_store_that_cannot_be_written_when_the_connection_opens_keeps_nothing_back()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var relay = new Relay(broker.Port);
        await using var ear = await Listener.StartAsync(broker.Port);
        await using var gateway = await GatewayRig.StartAsync(new MqttSettings { Port = relay.Port }, SmallHouse.Make());
        await ear.HearsAsync(Availability, "online");
        gateway.Store.Dispose();
        relay.Hold = true;
        relay.Cut();
        await ear.HearsAsync(Availability, "offline");
        gateway.Hub.Publish(SmallHouse.Make() with { Speakers = [SmallHouse.Speaker("flip") with { Name = "Bath", Volume = 33 }] });
        ear.Forget();

        relay.Hold = false;

        await ear.HearsAsync("homeassistant/device/tutti_speaker_flip/config", h => h.Text.Contains("Bath", StringComparison.Ordinal));
        await ear.HearsAsync(FlipState, h => h.Text.Contains("\"volume\":33", StringComparison.Ordinal));
        await ear.HearsAsync(Availability, "online");
        gateway.Hub.Publish(new HouseEvent(HouseEventType.LinkLost, DateTimeOffset.UnixEpoch, "flip", null, null, "Flip is gone.", ["L2"]));
        await ear.HearsAsync("tutti/event");
    }

    private static double SecondsToNextTry(LogLine warning) => double.Parse(warning.Text.Split("Next try in ")[1].Split(" s")[0], System.Globalization.CultureInfo.InvariantCulture);
}
