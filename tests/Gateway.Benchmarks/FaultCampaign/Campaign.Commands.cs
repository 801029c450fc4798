using System.Globalization;
using MQTTnet;
using MQTTnet.Protocol;

namespace Gateway.Benchmarks.FaultCampaign;

/// <summary>What is asked of the gateways all the while.</summary>
internal sealed partial class Campaign
{
    /// <summary>Sent while faults happen; each is a setting or a wish that its state shows.</summary>
    private static readonly string[] s_speakers = ["flip_a", "flip_b", "roam", "flex", "emberton", "wonderboom"];

    /// <summary>Links that stand in a group's way, and that the group's way cuts.</summary>
    private static readonly string[] s_peers = ["Emberton II", "JBL Flip 6 A", "Disconnected"];

    private Entry NewCommand()
    {
        lock (_wishes)
        {
            var speaker = s_speakers[_wishes.Next(s_speakers.Length)];
            return _wishes.Next(14) switch
            {
                0 or 1 => Book.Open("group/party/active", _wishes.Next(2) == 0 ? "ON" : "OFF"),
                2 or 3 => Book.Open("group/party/mute", _wishes.Next(2) == 0 ? "ON" : "OFF"),
                4 => Book.Open("echo/kitchen/bluetooth", s_peers[_wishes.Next(s_peers.Length)]),
                _ => Book.Open($"speaker/{speaker}/trim_ms", _wishes.Next(-500, 2000).ToString(CultureInfo.InvariantCulture)),
            };
        }
    }

    /// <summary>Now and then one that is not heard: what plays is listened to.</summary>
    private Entry? NewRadioCommand()
    {
        lock (_wishes)
        {
            if (_radio is null || _wishes.Next(4) != 0) return null;
            return _wishes.Next(4) == 0 ? RadioBook.Open("gateway/radio/rescan", "PRESS") : RadioBook.Open($"speaker/s{_wishes.Next(1, 4)}/keep_awake", _wishes.Next(2) == 0 ? "ON" : "OFF");
        }
    }

    /// <summary>The house is never quiet.</summary>
    private async Task SendAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            if (!_client.IsConnected) await ConnectAsync();
            else
            {
                Send(NewCommand());
                if (NewRadioCommand() is { } command) Send(command, RadioHouse.Base);
            }

            await Task.Delay(150);
        }
    }

    private async Task ConnectAsync()
    {
        try
        {
            // A session that outlives the broker's faults: what the gateway answered meanwhile is heard.
            var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", _broker.Port).WithClientId("campaign").WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500)
                .WithCleanStart(false).WithSessionExpiryInterval(3600).WithTimeout(TimeSpan.FromSeconds(3)).Build();
            await _client.ConnectAsync(options);
            foreach (var filter in new[] { "response", "event", "+/+/state", "+/+/availability" }.SelectMany(f => new[] { $"tutti/{f}", $"{RadioHouse.Base}/{f}" })) await _client.SubscribeAsync(filter, MqttQualityOfServiceLevel.AtLeastOnce);
        }
        catch (Exception)
        {
            // the broker is what is tormented
        }
    }

    private bool Send(Entry entry, string @base = "tutti") => TryPublish(new MqttApplicationMessageBuilder().WithTopic($"{@base}/{entry.Target}/set")
        .WithPayload($$"""{"value":"{{entry.Value}}","correlation":"{{entry.Number}}"}""").WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build());

    private bool TryPublish(MqttApplicationMessage message)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            _client.PublishAsync(message, limit.Token).GetAwaiter().GetResult();
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }
}
