using Gateway.Configuration;
using Gateway.Configuration.Supervisor;

namespace Gateway.Tests.Configuration.Supervisor;

/// <summary>The app's way to its broker, against a Supervisor that answers as the real one does.</summary>
public sealed class SupervisorSetupTests
{
    private const string Broker =
        """{"result":"ok","data":{"host":"core-mosquitto","port":1883,"ssl":false,"username":"addons","password":"s3cret","protocol":"3.1.1","addon":"core_mosquitto"}}""";

    private static readonly Uri s_nobodyThere = new("http://127.0.0.1:9/");

    [Fact]
    public async Task The_Supervisors_broker_is_taken_where_none_is_configured()
    {
        using var supervisor = new FakeSupervisor(200, Broker);
        var setup = new SupervisorSetup(supervisor.Address, "the-token", AppOptions.None);

        var (configuration, problem) = await setup.CompleteAsync(new TuttiConfiguration { Mqtt = new MqttSettings { BaseTopic = "music" } }, CancellationToken.None);

        Assert.Null(problem);
        Assert.Equal(
            new MqttSettings { Host = "core-mosquitto", Port = 1883, Username = "addons", Password = "s3cret", BaseTopic = "music" }, configuration.Mqtt);
        Assert.Equal(["GET /services/mqtt Bearer the-token"], supervisor.Requests);
    }

    [Theory]
    [InlineData("8883", true)]
    [InlineData("\"8883\"", true)]
    public async Task The_port_may_come_as_number_or_text_and_ssl_means_TLS(string port, bool tls)
    {
        using var supervisor = new FakeSupervisor(200, $$$"""{"result":"ok","data":{"host":"h","port":{{{port}}},"ssl":true}}""");
        using var client = new SupervisorClient(supervisor.Address, "t");

        var answer = await client.AskForBrokerAsync(CancellationToken.None);

        Assert.Equal(new MqttSettings { Host = "h", Port = 8883, Tls = tls }, answer.Mqtt);
    }

    [Fact]
    public async Task A_configured_broker_wins_and_nobody_is_asked()
    {
        using var supervisor = new FakeSupervisor(200, Broker);
        var setup = new SupervisorSetup(supervisor.Address, "t", AppOptions.None with { MqttUrl = "mqtt://option" });
        var configured = new MqttSettings { Host = "mine" };

        var (mqtt, problem) = await setup.BrokerAsync(configured, CancellationToken.None);

        Assert.Equal((configured, null), (mqtt, problem));
        Assert.Empty(supervisor.Requests);
    }

    [Theory]
    [InlineData("mqtt://box", "box", 1883, false)]
    [InlineData("mqtts://box", "box", 8883, true)]
    [InlineData("mqtt://192.168.1.10:1884", "192.168.1.10", 1884, false)]
    [InlineData("mqtts://[fd00::1]:8884", "fd00::1", 8884, true)]
    public async Task The_options_broker_comes_before_the_Supervisors(string url, string host, int port, bool tls)
    {
        var setup = new SupervisorSetup(s_nobodyThere, "t", AppOptions.None with { MqttUrl = url, MqttUsername = "u", MqttPassword = "p" });

        var (mqtt, problem) = await setup.BrokerAsync(new MqttSettings(), CancellationToken.None);

        Assert.Null(problem);
        Assert.Equal(new MqttSettings { Host = host, Port = port, Tls = tls, Username = "u", Password = "p" }, mqtt);
    }

    [Theory]
    [InlineData("http://box")]
    [InlineData("box:1883")]
    [InlineData("mqtt://user:pa55@box")]
    public async Task A_broken_address_in_the_options_is_named_without_being_quoted(string url)
    {
        var setup = new SupervisorSetup(s_nobodyThere, "t", AppOptions.None with { MqttUrl = url });

        var (mqtt, problem) = await setup.BrokerAsync(new MqttSettings(), CancellationToken.None);

        Assert.Equal(new MqttSettings(), mqtt);
        Assert.Equal("The option mqtt_url is not the address of a broker. Write mqtt://host:port or mqtts://host:port, and the user in its own fields.", problem);
    }

    [Theory]
    [InlineData(400, """{"result":"error","message":"Service not enabled"}""", "Service not enabled. Install and start the Mosquitto app")]
    [InlineData(403, """{"result":"error","message":"No access to mqtt service!"}""", "it does not let this app use MQTT (403). Reinstall the app")]
    [InlineData(401, "", "it does not accept this app's token (401). Restart the app")]
    [InlineData(502, "[]", "status 502. Install")]
    [InlineData(200, """{"result":"ok","data":{"host":"h","port":0}}""", "its answer names no host and port.")]
    [InlineData(200, """{"result":"ok","data":{"port":1883}}""", "its answer names no host and port.")]
    [InlineData(200, "<html>", "Restart the app, or enter the broker's address")]
    public async Task An_answer_without_a_broker_gives_reason_and_remedy(int status, string body, string expected)
    {
        using var supervisor = new FakeSupervisor(status, body);
        using var client = new SupervisorClient(supervisor.Address, "t");

        var answer = await client.AskForBrokerAsync(CancellationToken.None);

        Assert.Null(answer.Mqtt);
        Assert.StartsWith("Home Assistant's Supervisor names no MQTT broker: ", answer.Problem, StringComparison.Ordinal);
        Assert.Contains(expected, answer.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Supervisor_that_is_not_there_is_no_crash()
    {
        var setup = new SupervisorSetup(s_nobodyThere, "t", AppOptions.None);

        var (mqtt, problem) = await setup.BrokerAsync(new MqttSettings(), CancellationToken.None);

        Assert.Equal(new MqttSettings(), mqtt);
        Assert.Contains("Restart the app", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_options_name_the_gateway_and_the_Supervisors_token_goes_into_no_setting()
    {
        using var supervisor = new FakeSupervisor(200, Broker);
        var setup = new SupervisorSetup(supervisor.Address, "the-token", AppOptions.None with { GatewayName = "Downstairs" });

        var (configuration, _) = await setup.CompleteAsync(new TuttiConfiguration(), CancellationToken.None);

        Assert.Equal("Downstairs", configuration.Gateway.Name);
        Assert.Equal(new HomeAssistantSettings(), configuration.HomeAssistant);
    }

    [Fact]
    public void The_configuration_in_the_options_is_parsed_with_its_errors_named()
    {
        var setup = new SupervisorSetup(s_nobodyThere, "t", AppOptions.None with { Configuration = "gateway: { name: Here }\nspeekers: []\n" });

        var result = setup.Configuration();

        var error = Assert.Single(result.Errors);
        Assert.Equal(("/data/tutti.yaml", 2), (error.File, error.Line));
    }

    [Theory]
    [InlineData(null, null, "/media")]
    [InlineData("/media/bells", null, "/media/bells")]
    [InlineData("/media/bells", "audio: { media_dir: /data/own }", "/data/own")]
    [InlineData("bells", null, "/media")]
    [InlineData("/media/\0", null, "/media")]
    public void Files_are_Home_Assistants_unless_the_options_or_the_configuration_say_otherwise(string? option, string? text, string expected)
    {
        var setup = new SupervisorSetup(s_nobodyThere, "t", AppOptions.None with { MediaDirectory = option, Configuration = text + "\ngroups: [{ name: Party, members: [], source: \"file:a.wav\" }]" });

        var result = setup.Configuration();

        Assert.Equal(expected, result.Configuration!.Audio.MediaDirectory);
        Assert.DoesNotContain(result.Warnings, w => w.Message.Contains("is not below", StringComparison.Ordinal));
    }
}
