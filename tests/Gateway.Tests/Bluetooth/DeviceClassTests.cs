using Gateway.Bluetooth.BlueZ;

namespace Gateway.Tests.Bluetooth;

public sealed class DeviceClassTests
{
    [Theory]
    [InlineData(0x240414, true)]  // loudspeaker
    [InlineData(0x240404, true)]  // headset
    [InlineData(0x240428, true)]  // hi-fi
    [InlineData(0x0C010C, false)] // laptop
    [InlineData(0x5A020C, false)] // phone
    [InlineData(0x000000, false)]
    public void Loudspeakers_are_told_from_other_things(long deviceClass, bool expected) => Assert.Equal(expected, DeviceClass.IsLoudspeakerLike(deviceClass));

    [Fact]
    public void A_television_sounds_and_is_no_loudspeaker_to_an_echo() => Assert.Equal((true, false), (DeviceClass.Sounds(0x08043C), DeviceClass.IsLoudspeakerLike(0x08043C)));

    [Fact]
    public void The_advice_names_the_line_and_the_file() => Assert.Equal(
        "This adapter presents itself as class 0x0c010c, which is no loudspeaker, so an Echo may not offer it: set \"Class = 0x000414\" in the section "
        + "[General] of /etc/bluetooth/main.conf and restart the bluetooth service.",
        DeviceClass.Advice(0x0C010C));
}
