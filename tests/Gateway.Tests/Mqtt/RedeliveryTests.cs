using System.Buffers;
using System.Text;
using Gateway.Mqtt;
using MQTTnet;

namespace Gateway.Tests.Mqtt;

public sealed class RedeliveryTests
{
    private readonly Redelivery _redelivery = new();

    [Fact]
    public void A_duplicate_of_what_was_handled_is_repeated_and_a_new_message_with_its_number_is_not()
    {
        Assert.False(IsRepeated(1, "ON", dup: false));
        Assert.True(IsRepeated(1, "ON", dup: true));
        Assert.False(IsRepeated(1, "ON", dup: false));
        Assert.False(IsRepeated(1, "OFF", dup: true));
        Assert.True(IsRepeated(1, "OFF", dup: true));
    }

    [Fact]
    public void A_duplicate_of_what_never_came_is_handled() => Assert.False(IsRepeated(7, "ON", dup: true));

    [Fact]
    public void A_new_session_numbers_anew()
    {
        IsRepeated(1, "ON", dup: false);
        _redelivery.Forget();

        Assert.False(IsRepeated(1, "ON", dup: true));
    }

    private bool IsRepeated(ushort id, string payload, bool dup)
    {
        var message = new MqttApplicationMessage { Topic = "t", Payload = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(payload)), Dup = dup };
        return _redelivery.IsRepeated(message, id);
    }
}
