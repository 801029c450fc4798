using System.Globalization;
using MQTTnet;
using MQTTnet.Protocol;

namespace Gateway.Benchmarks;

/// <summary>
/// The least that any program on this runtime and client library could do in the gateway's place: start, connect, publish as many
/// retained messages of a discovery payload's size, end. Run as a process of its own by <see cref="StartBenchmark"/>.
/// </summary>
internal static class PublishBaseline
{
    public const string Name = "publish-baseline";

    public const string TopicPrefix = "baseline/";

    /// <summary>A speaker's discovery payload is about this long.</summary>
    private const int PayloadBytes = 8000;

    public static int Run(string port)
    {
        PublishAsync(int.Parse(port, CultureInfo.InvariantCulture)).GetAwaiter().GetResult();
        return 0;
    }

    private static async Task PublishAsync(int port)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).Build());
        var payload = new byte[PayloadBytes];
        for (var i = 0; i < HundredDevices.Announced; i++)
        {
            await client.PublishAsync(new MqttApplicationMessageBuilder()
                .WithTopic($"{TopicPrefix}{i}").WithPayload(payload).WithRetainFlag()
                .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build());
        }

        await client.DisconnectAsync();
    }
}
