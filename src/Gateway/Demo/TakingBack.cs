using Gateway.HomeAssistant;
using Gateway.House;
using Gateway.Mqtt;
using Gateway.Storage;
using MQTTnet.Exceptions;

namespace Gateway.Demo;

/// <summary>
/// The demo's gateway has stopped, on a broker that goes on: what it left there goes too. First the devices, then, when Home Assistant has had its moment with them,
/// the topics that their entities read.
/// </summary>
internal static class TakingBack
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(8);

    /// <returns>False: the broker does not take it any more.</returns>
    public static async Task<bool> FromBrokerAsync(Watcher watcher, Store store, Topics topics, GatewayIdentity gateway)
    {
        // Ctrl-C has been pressed already: nothing but the time ends this.
        using var deadline = new CancellationTokenSource(s_patience);
        try
        {
            // The gateway's own device last: the others are reached through it.
            var devices = store.All(DiscoveryPublisher.Scope).Keys.OrderBy(topic => topic.Contains("/tutti_gateway_", StringComparison.Ordinal));
            foreach (var topic in devices) await watcher.ClearAsync(topic, deadline.Token);
            await Task.Delay(DiscoveryPlan.Spacing, deadline.Token);
            foreach (var device in store.All(StatePublisher.Scope).Keys.Append($"gateway/{gateway.Id}"))
            {
                var (kind, id) = (device[..device.IndexOf('/', StringComparison.Ordinal)], device[(device.IndexOf('/', StringComparison.Ordinal) + 1)..]);
                await watcher.ClearAsync(topics.State(kind, id), deadline.Token);
                await watcher.ClearAsync(topics.Availability(kind, id), deadline.Token);
            }

            await watcher.ClearAsync(topics.SyncPlot, deadline.Token);
            await watcher.ClearAsync(topics.Claim, deadline.Token); // emptied already, unless its goodbye was lost
            return true;
        }
        catch (Exception e) when (e is MqttCommunicationException or MqttClientNotConnectedException or OperationCanceledException)
        {
            return false;
        }
    }
}
