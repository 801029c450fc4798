using Gateway.Bluetooth;
using Gateway.Configuration;

namespace Gateway.Tests.Bluetooth;

public sealed class AudioChoiceTests
{
    [Theory]
    [InlineData(BluetoothAudio.Own, true, true, "bluetooth.audio is own")]
    [InlineData(BluetoothAudio.Pulse, false, false, "bluetooth.audio is pulse")]
    public void What_the_configuration_says_is_done(BluetoothAudio setting, bool homeAssistantOs, bool own, string reason) =>
        Assert.Equal(new AudioChoice(own, reason), AudioChoice.Make(setting, true, true, homeAssistantOs));

    [Fact]
    public void On_Home_Assistant_OS_its_sound_server_keeps_the_sound() =>
        Assert.False(AudioChoice.Make(BluetoothAudio.Auto, false, true, onHomeAssistantOs: true).Own);

    [Fact]
    public void A_sound_server_that_does_Bluetooth_keeps_the_sound() =>
        Assert.Equal(
            new AudioChoice(false, "a sound server (PulseAudio or PipeWire) on this machine has taken Bluetooth audio"),
            AudioChoice.Make(BluetoothAudio.Auto, true, true, false));

    [Fact]
    public void Without_the_codec_the_reason_names_its_package() =>
        Assert.Contains("libsbc1", AudioChoice.Make(BluetoothAudio.Auto, false, codecAvailable: false, false).Reason, StringComparison.Ordinal);

    [Fact]
    public void Else_the_endpoints_are_ours() => Assert.True(AudioChoice.Make(BluetoothAudio.Auto, false, true, false).Own);
}
