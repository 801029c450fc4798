using System.Net;
using System.Net.Sockets;
using Gateway.Configuration;
using Microsoft.Extensions.Logging;

namespace Gateway.IntegrationTests.Mqtt;

public sealed class TlsTests : IDisposable
{
    private readonly Certificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("localhost", true)]
    public async Task A_certificate_of_the_own_authority_is_accepted(string host, bool old)
    {
        await using var broker = await StartBrokerAsync();
        var settings = Settings(broker.Port) with { Host = host, Protocol = old ? MqttProtocol.V311 : MqttProtocol.V5 };
        await using var gateway = await GatewayRig.StartAsync(settings, SmallHouse.Make());

        await gateway.ConnectedAsync();

        Assert.DoesNotContain(gateway.Log, l => l.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task A_client_certificate_lets_us_in()
    {
        await using var broker = await StartBrokerAsync(requireOurs: true);
        var (certificate, key) = _certificates.Issue("gateway");
        await using var gateway = await GatewayRig.StartAsync(Settings(broker.Port) with { CertificateFile = certificate, KeyFile = key }, SmallHouse.Make());

        await gateway.ConnectedAsync();

        Assert.DoesNotContain(gateway.Log, l => l.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task A_missing_client_certificate_is_named()
    {
        await using var broker = await StartBrokerAsync(requireOurs: true);

        await WarnsAsync(Settings(broker.Port), "if the broker asks for a client certificate, set mqtt.certificate and mqtt.key");
    }

    [Fact]
    public async Task An_authority_that_did_not_sign_is_named()
    {
        await using var broker = await StartBrokerAsync();
        using var others = new Certificates("Other authority");

        await WarnsAsync(Settings(broker.Port) with { CaFile = others.CaFile }, "signed by an unknown authority (CN=Test authority)");
    }

    [Fact]
    public async Task Without_mqtt_ca_an_own_authority_is_unknown_and_the_remedy_names_the_setting()
    {
        await using var broker = await StartBrokerAsync();

        await WarnsAsync(Settings(broker.Port) with { CaFile = null }, "name its certificate file in mqtt.ca");
    }

    [Fact]
    public async Task A_host_name_that_is_not_in_the_certificate_is_named()
    {
        await using var broker = await StartBrokerAsync(onlyFor: "broker.example");

        await WarnsAsync(Settings(broker.Port), "the host name 127.0.0.1 is not in the broker's certificate (it is for broker.example)");
    }

    [Fact]
    public async Task An_expired_certificate_is_named_with_its_date()
    {
        await using var broker = await StartBrokerAsync(expired: true);

        await WarnsAsync(Settings(broker.Port), $"the broker's certificate expired on {DateTimeOffset.UtcNow.AddDays(-100):yyyy-MM-dd}");
    }

    [Fact]
    public async Task A_broker_without_tls_on_the_port_is_named()
    {
        await using var broker = await Mosquitto.StartAsync();

        await WarnsAsync(Settings(broker.Port), "TLS handshake");
    }

    [Fact]
    public async Task A_broker_with_tls_reached_without_is_named()
    {
        await using var broker = await StartBrokerAsync();

        await WarnsAsync(new MqttSettings { Port = broker.Port }, "for a TLS port write mqtts://");
    }

    [Fact]
    public async Task A_connection_cut_in_the_handshake_is_named()
    {
        using var rude = new TcpListener(IPAddress.Loopback, 0);
        rude.Start();
        _ = Task.Run(async () =>
        {
            while (true)
            {
                using var client = await rude.AcceptTcpClientAsync();
                _ = await client.GetStream().ReadAsync(new byte[64]);
            }
        });

        await WarnsAsync(Settings(((IPEndPoint)rude.LocalEndpoint).Port), "the broker cut the connection in the middle of the TLS handshake");
    }

    [Theory]
    [InlineData("ca", null, "(mqtt.ca) cannot be read: it does not exist")]
    [InlineData("ca", "folder", "(mqtt.ca) cannot be read: it is a folder")]
    [InlineData("ca", "no certificate", "(mqtt.ca) holds no certificate")]
    [InlineData("certificate", null, "(mqtt.certificate) cannot be read: it does not exist")]
    [InlineData("certificate", "no certificate", "(mqtt.certificate) holds no certificate")]
    [InlineData("key", null, "(mqtt.key) cannot be read: it does not exist")]
    [InlineData("key", "no key", "(mqtt.key) holds no private key")]
    [InlineData("key", "-----BEGIN ENCRYPTED PRIVATE KEY-----", "(mqtt.key) is encrypted")]
    [InlineData("key", "other", "cannot be used together")]
    public async Task A_bad_file_is_named_before_anything_is_sent(string which, string? content, string expected)
    {
        var (certificate, key) = _certificates.Issue("gateway");
        var bad = content switch
        {
            null => "/nonexistent/file.pem",
            "folder" => Path.GetTempPath(),
            "other" => _certificates.Issue("other").Key,
            _ => _certificates.Write("bad.pem", content),
        };
        var settings = Settings(LoopbackPort.Free()) with { CertificateFile = certificate, KeyFile = key };

        await WarnsAsync(which switch { "ca" => settings with { CaFile = bad }, "key" => settings with { KeyFile = bad }, _ => settings with { CertificateFile = bad } }, expected);
    }

    [Theory]
    [InlineData("intermediate", true)]
    [InlineData("intermediate", false)]
    [InlineData("root", true)]
    [InlineData("both", false)]
    public async Task An_authority_between_the_root_and_the_broker_may_stand_in_mqtt_ca(string ca, bool brokerSendsIt)
    {
        using var between = new Certificates("Home Intermediate", _certificates);
        await using var broker = await StartBrokerAsync(between, brokerSendsIt);
        var file = ca switch { "root" => _certificates.CaFile, "intermediate" => between.CaFile, _ => between.Write("both.pem", await File.ReadAllTextAsync(_certificates.CaFile) + "\n" + await File.ReadAllTextAsync(between.CaFile)) };
        await using var gateway = await GatewayRig.StartAsync(Settings(broker.Port) with { CaFile = file }, SmallHouse.Make());

        await gateway.ConnectedAsync();

        Assert.DoesNotContain(gateway.Log, l => l.Level >= LogLevel.Warning);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_intermediate_of_the_same_name_with_another_key_is_refused(bool brokerSendsIt)
    {
        using var between = new Certificates("Home Intermediate", _certificates);
        using var impostor = new Certificates("Home Intermediate", _certificates);
        await using var broker = await StartBrokerAsync(between, brokerSendsIt);

        await WarnsAsync(Settings(broker.Port) with { CaFile = impostor.CaFile }, "signed by an unknown authority (CN=Home Intermediate)");
    }

    [Fact]
    public async Task The_broker_s_own_certificate_is_no_authority()
    {
        using var between = new Certificates("Home Intermediate", _certificates);
        var own = between.Issue("own").Certificate;
        await using var broker = await StartBrokerAsync(between, brokerSendsIt: true);

        await WarnsAsync(Settings(broker.Port) with { CaFile = own }, "signed by an unknown authority (CN=Home Intermediate)");
    }

    private static Task<Mosquitto> StartBrokerAsync(Certificates between, bool brokerSendsIt)
    {
        var (certificate, key) = between.Issue("broker");
        var full = between.Write("full.pem", File.ReadAllText(certificate) + (brokerSendsIt ? "\n" + File.ReadAllText(between.CaFile) : ""));
        return Mosquitto.StartAsync($"""
            allow_anonymous true
            certfile {full}
            keyfile {key}
            """);
    }

    private static async Task WarnsAsync(MqttSettings settings, string expected)
    {
        await using var gateway = await GatewayRig.StartAsync(settings, SmallHouse.Make());
        var warning = await gateway.WarningAsync();
        Assert.True(warning.Text.Contains(expected, StringComparison.Ordinal), warning.Text);
        Assert.False(gateway.Connection.IsConnected);
    }

    private MqttSettings Settings(int port) => new() { Port = port, Tls = true, CaFile = _certificates.CaFile };

    private Task<Mosquitto> StartBrokerAsync(string? onlyFor = null, bool expired = false, bool requireOurs = false)
    {
        var (certificate, key) = _certificates.Issue("broker", onlyFor, expired);
        return Mosquitto.StartAsync($"""
            allow_anonymous true
            cafile {_certificates.CaFile}
            certfile {certificate}
            keyfile {key}
            require_certificate {(requireOurs ? "true" : "false")}
            """);
    }
}
