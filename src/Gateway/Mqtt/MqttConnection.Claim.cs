using System.Buffers;
using System.Net.Sockets;
using MQTTnet;
using MQTTnet.Exceptions;

namespace Gateway.Mqtt;

/// <summary>Two gateways with one id: see <see cref="GatewayClaim"/>.</summary>
internal sealed partial class MqttConnection
{
    private static ConnectFailure GaveWay { get; } = new("another gateway has our id", "");

    /// <summary>
    /// Before the first connection: looks by another client id, without a will, whether a gateway with our id is there. Our own client id would throw it out,
    /// and ours would be the last word on its topics.
    /// </summary>
    private async Task VisitAsync(BrokerTls? tls, CancellationToken stopping)
    {
        using var visitor = _factory.CreateMqttClient();
        visitor.ApplicationMessageReceivedAsync += received =>
        {
            HearClaim(received.ApplicationMessage);
            return Task.CompletedTask;
        };
        try
        {
            var options = BuildOptions($"{_clientId}-{Guid.NewGuid().ToString("N")[..8]}", tls).Build();
            if (options.ChannelOptions is MqttClientTcpOptions tcp) tcp.NoDelay = true;
            var answer = await ConnectAsync(visitor, options, tls, stopping);
            if (answer.ResultCode != MqttClientConnectResultCode.Success) return; // the connection proper is told the same, and says so
            _client = visitor;
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping); // the library waits for an answer for as long as it takes
            deadline.CancelAfter(_timings.Timeout);
            await visitor.SubscribeAsync(new MqttClientSubscribeOptionsBuilder().WithTopicFilter(f => f.WithTopic(_topics.Claim).WithAtLeastOnceQoS()).Build(), deadline.Token);
            if (await ClaimAsync(visitor, deadline.Token))
            {
                await WithinAsync(_claim.HeardAsync, stopping);
                if (_claim.HasFound) await WithinAsync(_claim.LostAsync, stopping);
            }

            await visitor.DisconnectAsync(new MqttClientDisconnectOptions(), deadline.Token);
        }
        catch (Exception e) when (!stopping.IsCancellationRequested && !IsUnreachable(e))
        {
            _mayVisit = false; // a broker that lets in only the client ids that it knows
        }
        finally
        {
            _client = null;
        }
    }

    /// <summary>Says that we are the gateway with our id.</summary>
    /// <returns>False: the broker does not take it.</returns>
    private async Task<bool> ClaimAsync(IMqttClient client, CancellationToken stopping)
    {
        _claim.Connected();
        return (await client.PublishAsync(ClaimMessage(), stopping)).IsSuccess;
    }

    private void HearClaim(MqttApplicationMessage message)
    {
        var again = _claim.Hear(message.Payload);
        if (_claim.Winner is not null) GiveWay();
        else if (again && _client is { } client) _ = SayAgainAsync(client);
    }

    private void GiveWay()
    {
        if (Interlocked.Exchange(ref _gaveWay, 1) != 0) return;
        MqttLog.GaveWay(_log, _claim.Sentence(_topics.Gateway.Id)!);
        _lifetime.StopApplication();
    }

    private int _gaveWay;

    private async Task SayAgainAsync(IMqttClient client)
    {
        try
        {
            await client.PublishAsync(ClaimMessage());
        }
        catch (Exception)
        {
            // The connection is gone; the next one says it first.
        }
    }

    private MqttApplicationMessage ClaimMessage() => new()
    {
        Topic = _topics.Claim, Payload = new ReadOnlySequence<byte>(_claim.Say()), Retain = true, QualityOfServiceLevel = _willQuality,
    };

    private async Task WithinAsync(Func<CancellationToken, Task> wait, CancellationToken stopping)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        deadline.CancelAfter(_timings.ClaimWait);
        await wait(deadline.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.ThrowIfCancellationRequested();
    }

    /// <summary>Nobody was there to ask: the visit is for later, and the reason is the connection's.</summary>
    private static bool IsUnreachable(Exception e) => e is ConnectException or MqttCommunicationTimedOutException
        || (e is SocketException { SocketErrorCode: not (SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown) })
        || (e.InnerException is { } inner && IsUnreachable(inner));
}
