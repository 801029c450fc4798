using System.Buffers;
using System.Text;
using Gateway.HomeAssistant;
using Gateway.House;
using Gateway.Mqtt;
using MQTTnet;

namespace Gateway.Benchmarks.Fuzzing;

/// <summary>What anybody on the broker can send.</summary>
internal static class MqttSurfaces
{
    private static readonly string[] s_properties = ["volume", "trim_ms", "active", "source", "pairing_answer", "run"];

    /// <summary>A line with the topic, a line with the response topic, and the payload.</summary>
    public static Surface Commands()
    {
        var topics = new Topics(new MqttOptions(), new GatewayIdentity("aabbccddeeff", "Tutti", "0.1.0"));
        var responses = new ResponseTopics(topics, new MqttOptions());
        string[] seeds =
        [
            "tutti/group/party/active/set\nhome/answers\nON", "tutti/speaker/bath/volume/set\n\n 12.5\r\n", "tutti/voice/night\n\n", "tutti/speaker/bath/trim_ms/set\na/b\n{\"value\":-0.1,\"correlation\":\"x\"}",
            "tutti/gateway/x/pairing_answer/set\n\nON 312", "tutti/group/party/source/set\n\n{\"other\":{\"value\":[1,2]},\"value\":\"echo:kitchen\"}", "tutti/echo/k/bluetooth/set\n$x/#\n\uFEFF{\"value\":\" ON\\n\"}\u00A0",
            "tutti/speaker/bath/volume/set\nx\n{\"value\":true}", "tutti/gateway/aabbccddeeff/availability\nhomeassistant/a\noffline", "tutti/a/b/c/set\nx\n{\"value\":{\"a\":1},\"correlation\":null}",
        ];
        return new("mqtt", Surface.Texts(seeds), [.. Surface.Json, .. Surface.Texts("\n", "/", "/set", "tutti/", "voice/", "\"value\"", "\"correlation\"", "ON", "OFF", "PRESS", "nan", "-Infinity", "\u200B", "\u00A0", "+", "#")], 4096, bytes =>
        {
            var first = bytes.AsSpan().IndexOf((byte)'\n');
            var second = first < 0 ? -1 : bytes.AsSpan(first + 1).IndexOf((byte)'\n');
            if (second < 0) return;
            var topic = Encoding.UTF8.GetString(bytes, 0, first);
            _ = responses.WhyNot(Encoding.UTF8.GetString(bytes, first + 1, second));
            _ = topics.TryParseAvailability(topic, out _, out _);
            var property = topics.TryParseCommand(topic, out var address) ? address.Property : s_properties[bytes.Length % s_properties.Length];
            var read = CommandReader.Read(new ReadOnlySequence<byte>(bytes, first + second + 2, bytes.Length - first - second - 2), property, mayBeEmpty: address.Kind == "voice");
            Surface.Must(read.Refusal is not null || read.Value is not null, "a command has a value or is refused");
            Surface.Must(read.Refusal is null || read.Value is not { Length: > CommandReader.ShownCharacters }, "an answer shows little of a refused value");
            if (read.Refusal is null) Values(new Command { Kind = address.Kind ?? "", Id = address.Id ?? "", Property = property, Value = read.Value!, Correlation = read.Correlation });
        });
    }

    public static Surface Claims()
    {
        string[] seeds = ["""{"token":"abc","number":3,"after":null,"since":"2026-11-28T09:00:00+00:00","host":"shed"}""", """{"token":"x","number":-1,"after":"abc","since":"0001-01-01T00:00:00+00:00","host":"\u0000"}"""];
        return new("claim", Surface.Texts(seeds), [.. Surface.Json, .. Surface.Texts("\"token\"", "\"number\"", "\"after\"", "\"since\"", "\"host\"", "own")], 1200, bytes =>
        {
            var claim = new GatewayClaim(DateTimeOffset.UnixEpoch, "own", "here");
            claim.Connected();
            _ = claim.Say();
            for (var times = 0; times < 3; times++)
            {
                _ = claim.Hear(new ReadOnlySequence<byte>(bytes));
                _ = claim.Hear(new ReadOnlySequence<byte>(claim.Say()));
            }

            _ = claim.Sentence("id");
        });
    }

    /// <summary>A retained message below Home Assistant's prefix that claims to be ours, through what the gateway then publishes.</summary>
    public static Surface Discovery()
    {
        var topics = new Topics(new MqttOptions(), new GatewayIdentity("aabbccddeeff", "Tutti", "0.1.0"));
        const string Topic = "homeassistant/device/tutti_speaker_bath/config";
        const string Seed = """{"dev":{"ids":"tutti_speaker_bath","name":"Bath"},"o":{"name":"Tutti"},"avty":[{"t":"tutti/gateway/aabbccddeeff/availability"},{"t":"tutti/speaker/bath/availability"}],"cmps":{"a":{"p":"sensor","unique_id":"u"},"b":{"p":"switch"}}}""";
        var wanted = new DiscoveryConfig(Topic, DiscoveryConfig.Parse(Encoding.UTF8.GetBytes(Seed.Replace("\"a\"", "\"c\"", StringComparison.Ordinal))));
        return new("discovery", Surface.Texts(Seed), [.. Surface.Json, .. Surface.Texts("\"cmps\"", "\"dev\"", "\"p\"", "\"name\"", "\"o\"", "\"avty\"", "\"t\"", "\"Tutti\"", "tutti/group/x/availability")], 2048, bytes =>
        {
            if (Announcement.Read(new MqttApplicationMessage { Topic = Topic, PayloadSegment = bytes, Retain = true }, topics) is not { IsOurs: true } found) return;
            foreach (var house in new DiscoveryConfig[][] { [], [wanted] })
            {
                var plan = new DiscoveryPlan([], "homeassistant");
                plan.Update(house, TimeSpan.Zero);
                plan.Connected(TimeSpan.Zero);
                plan.Find(found.Config, TimeSpan.Zero);
                for (var at = 1; at < 60; at += 15) _ = plan.TakeDue(TimeSpan.FromSeconds(at));
                foreach (var (topic, text) in plan.TakeChanges()) _ = text is not null && DiscoveryRecord.TryRead(topic, text, out _, out _);
                _ = plan.NameOf(Topic);
            }

            _ = found.Config.Name;
        });
    }

    private static void Values(Command command)
    {
        Refusable(() => CommandValues.OnOff(command));
        Refusable(() => CommandValues.PairingAnswer(command).Accept);
        Refusable(() => CommandValues.Percent(command) is >= 0 and <= 100);
        Refusable(() => CommandValues.IsTrim(CommandValues.TrimMs(command)));
    }

    private static void Refusable(Func<bool> read)
    {
        try
        {
            _ = read();
        }
        catch (RefusedException)
        {
            // The answer to a value that does not fit.
        }
    }
}
