using Gateway.Timing;
using Microsoft.Extensions.Logging;

namespace Gateway.Mqtt;

/// <summary>What the log says of messages that the broker does not take: each topic once, and no more than a few a minute.</summary>
internal sealed class MqttComplaints
{
    /// <summary>Response topics are others' to choose: their number has no end.</summary>
    private const int MostTopics = 10_000;

    private readonly ILogger _log;
    private readonly LogBrake _brake;
    private readonly HashSet<(string Topic, int Reason)> _told = [];

    public MqttComplaints(TimeProvider time, ILogger log)
    {
        _log = log;
        _brake = new LogBrake(time, more => MqttLog.MoreNotTaken(log, more));
    }

    /// <summary>The loop's.</summary>
    public void Tell(IReadOnlyList<DroppedMessage> dropped)
    {
        foreach (var message in dropped)
        {
            if (!IsNew(message.Topic, -1 - (int)message.Reason)) continue;
            switch (message.Reason)
            {
                case DropReason.TooLarge: MqttLog.TooLarge(_log, message.Topic, message.Bytes, message.Limit); break;
                case DropReason.LikelyTooLarge: MqttLog.LikelyTooLarge(_log, message.Topic, message.Bytes, message.Limit); break;
                case DropReason.LeftOut: MqttLog.LeftOut(_log, message.Topic, message.Bytes); break;
                default: MqttLog.EndsConnection(_log, message.Topic, message.Bytes, Outbox.MostEnds); break;
            }
        }
    }

    /// <summary>The broker has answered that it does not take a message. From any thread.</summary>
    public void Refused(Outgoing message, int code)
    {
        if (!IsNew(message.Topic, code)) return;
        var (words, remedy) = ReasonCodes.Of(code);
        MqttLog.PublishRefused(_log, message.Topic, message.PacketBytes, words, remedy);
    }

    private bool IsNew(string topic, int reason)
    {
        lock (_told)
        {
            if (_told.Count >= MostTopics) _told.Clear();
            return _told.Add((topic, reason)) && _brake.Passes();
        }
    }
}
