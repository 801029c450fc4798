using System.Collections.Concurrent;
using System.Threading.Channels;
using Gateway.Configuration;
using Gateway.Mqtt.Broker;
using Gateway.Timing;

namespace Gateway.Cli.Client;

/// <summary>Finds the gateway that runs on this machine where nothing says which is meant: at the usual broker, or at one inside a program (a demo's).</summary>
internal static class LocalGateways
{
    /// <summary>A broker on this machine gives its retained messages at once; and a machine that is busy.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>The broker of the only one there is.</summary>
    /// <exception cref="GatewayClientException">There is none, or there are several.</exception>
    /// <param name="usual">The broker that needs no note.</param>
    public static async Task<MqttSettings> FindAsync(BrokerNotes notes, MqttSettings usual, CancellationToken cancellationToken)
    {
        var reasons = new List<string>();
        var found = new List<(MqttSettings Broker, string Gateways)>();
        foreach (var broker in notes.Ports().Where(p => p != usual.Port).Select(p => usual with { Port = p }).Prepend(usual))
        {
            try
            {
                if (await OnlineAsync(broker, cancellationToken) is { Length: > 0 } gateways) found.Add((broker, gateways));
                else reasons.Add($"at {broker.DisplayUrl} no gateway is online");
            }
            catch (GatewayClientException no)
            {
                // A note may outlive its broker.
                if (broker == usual) reasons.Add($"at {broker.DisplayUrl} {no.NotConnectedBecause ?? no.Message}");
            }
        }

        return found switch
        {
            [var only] => only.Broker,
            [] => throw new GatewayClientException(
                $"No gateway is found on this machine: {string.Join("; ", reasons)}. Start one (tutti run, or tutti demo to try it out), or say where it is: --broker mqtt://user:password@host:port, or --config FILE."),
            _ => throw new GatewayClientException(
                $"Several gateways run on this machine: {string.Join(", ", found.Select(f => $"{f.Gateways} at {f.Broker.DisplayUrl}"))}. Say which with --broker URL.", ExitCodes.UsageOrConfiguration),
        };
    }

    /// <summary>The ids of the gateways that are online there, with commas; empty: there is none.</summary>
    private static async Task<string> OnlineAsync(MqttSettings broker, CancellationToken cancellationToken)
    {
        var heard = Channel.CreateUnbounded<bool>();
        var online = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        await using var session = await BrokerSession.ConnectAsync(broker, "look", [$"{broker.BaseTopic}/gateway/+/availability"], (topic, payload) =>
        {
            online[topic.Split('/')[^2]] = payload.FirstSpan.SequenceEqual("online"u8);
            heard.Writer.TryWrite(true);
        }, () => heard.Writer.TryComplete(), cancellationToken);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        var listening = UntilOneAsync();
        await listening.Ended();
        cancellationToken.ThrowIfCancellationRequested();
        if (!listening.IsCanceled) await listening; // else none came in time
        return string.Join(", ", online.Where(o => o.Value).Select(o => o.Key).Order(StringComparer.Ordinal));

        async Task UntilOneAsync()
        {
            while (!online.Values.Contains(true) && await heard.Reader.WaitToReadAsync(patience.Token)) heard.Reader.TryRead(out _);
        }
    }
}
